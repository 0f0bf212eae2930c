"""What a machine is to run, and when: jobs, and their text as a crontab or as systemd units.

A digest is looked at four times an hour, whatever its time is: `digest send --if-due` knows what
is due, so a machine that slept, another time zone and a mail server that said "later" need no line
of their own.
"""
