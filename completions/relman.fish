# Completes relman in fish. The program tells what may follow, so this stays the same when it changes.

function __relman_complete
    set -l before (commandline --current-process --tokenize --cut-at-cursor)
    set -l word (commandline --current-token --cut-at-cursor)
    set word (string unescape -- $word; or printf '%s\n' $word)
    # fish knows how to quote files, and what ~ is. They follow the flag that they belong to, as in --app=DIR.
    set -l flag (string match --regex -- '^--[^=]*=' $word; or echo '')
    set -l path (string replace -- "$flag" '' $word)
    for line in (RELMAN_COMPLETE=fish command relman -- $before "$word" 2>/dev/null)
        switch $line
            case :files
                printf '%s\n' $flag(__fish_complete_path "$path")
            case :folders
                printf '%s\n' $flag(__fish_complete_directories "$path")
            case '*'
                printf '%s\n' $line
        end
    end
end

complete --command relman --no-files --keep-order --arguments '(__relman_complete)'
