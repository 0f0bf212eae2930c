# papertrack completion for bash 4.4 and newer: eval "$(papertrack completion bash)"
_papertrack() {
    local IFS=$'\n' line
    local -a lines
    COMPREPLY=()
    mapfile -t lines < <(_PAPERTRACK_COMPLETE=bash papertrack "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    case ${lines[0]} in
    @files)
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]#=}")
        return
        ;;
    @folders)
        compopt -o filenames
        mapfile -t COMPREPLY < <(compgen -d -- "${COMP_WORDS[COMP_CWORD]#=}")
        return
        ;;
    esac
    for line in "${lines[@]}"; do
        COMPREPLY+=("${line%%$'\t'*}")
    done
}
complete -o nosort -F _papertrack papertrack
