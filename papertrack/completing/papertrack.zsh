#compdef papertrack
# papertrack completion for zsh: eval "$(papertrack completion zsh)" after compinit,
# or this text as _papertrack in a folder of $fpath
_papertrack() {
    local line
    local -a lines found shown
    lines=("${(@f)$(_PAPERTRACK_COMPLETE=zsh papertrack "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
    case ${lines[1]} in
    @files) _files; return ;;
    @folders) _files -/; return ;;
    esac
    for line in "${lines[@]}"; do
        [[ -n $line ]] || continue
        found+=("${line%%$'\t'*}")
        shown+=("${line/$'\t'/  }")
    done
    (( $#found )) && compadd -l -V papertrack -d shown -a -- found
}
if [[ ${funcstack[1]} == _papertrack ]]; then
    _papertrack "$@"
else
    compdef _papertrack papertrack
fi
