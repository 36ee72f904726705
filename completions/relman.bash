# Completes relman in bash. The program tells what may follow, so this stays the same when it changes.

_relman() {
    local answer line value width=0 index
    local -a values=() helps=()
    COMPREPLY=()
    answer=$(RELMAN_COMPLETE=bash command relman -- "${COMP_LINE:0:COMP_POINT}" "$2" 2>/dev/null)
    while IFS= read -r line; do
        case $line in
            # Nothing is offered, so readline offers files; it knows how to quote them.
            :files) return ;;
            :folders)
                compopt -o dirnames +o default 2>/dev/null
                return
                ;;
            ?*)
                value=${line%%$'\t'*}
                values+=("$value")
                helps+=("${line#*$'\t'}")
                ((${#value} > width)) && width=${#value}
                ;;
        esac
    done <<<"$answer"
    compopt +o default 2>/dev/null
    ((${#values[@]})) || return
    COMPREPLY=("${values[@]}")
    # A list is shown with what each word means. What goes onto the line is the beginning that all have in common, so
    # nothing of that is ever typed: not for a single word, and not where TAB walks through the words.
    if ((${#values[@]} > 1)) && [[ ${COMP_TYPE-} == 33 || ${COMP_TYPE-} == 63 || ${COMP_TYPE-} == 64 ]]; then
        for index in "${!values[@]}"; do
            if [[ ${helps[index]} ]]; then
                printf -v line '%-*s  (%s)' "$width" "${values[index]}" "${helps[index]}"
                COMPREPLY[index]=${line:0:${COLUMNS:-80} - 1}
            fi
        done
    fi
}

complete -o default -o nosort -F _relman relman 2>/dev/null || complete -o default -F _relman relman
