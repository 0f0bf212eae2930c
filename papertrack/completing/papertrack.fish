# papertrack completion for fish 3.1 and newer: papertrack completion fish | source,
# or this text as ~/.config/fish/completions/papertrack.fish
function _papertrack_complete
    set -l before (commandline -opc)
    set -l current (commandline -ct)
    set -l lines (_PAPERTRACK_COMPLETE=fish papertrack $before[2..-1] "$current" 2>/dev/null)
    switch "$lines[1]"
        case @files
            __fish_complete_path "$current"
        case @folders
            __fish_complete_directories "$current"
        case '*'
            printf '%s\n' $lines
    end
end
complete -c papertrack -e
complete -c papertrack -f -k -a '(_papertrack_complete)'
