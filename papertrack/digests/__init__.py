"""Digests: when an issue is due, and what it holds. Values in, values out.

::

    periods   which period a moment belongs to; due or not
    compose   ranked papers and what was told before -> Digest
    reasons   why a paper is in an issue, in a sentence
"""
