# Completes relman in elvish. The program tells what may follow, so this stays the same when it changes.

use str

set edit:completion:arg-completer[relman] = {|@words|
    tmp E:RELMAN_COMPLETE = elvish
    try {
        e:relman -- $@words | from-lines | each {|line|
            if (has-value [:files :folders] $line) {
                edit:complete-filename $@words
            } else {
                var value help = (str:split &max=2 "\t" $line)
                var shown = $value
                if (not-eq $help '') {
                    set shown = $value' ('$help')'
                }
                edit:complex-candidate $value &display=$shown &code-suffix=' '
            }
        }
    } catch e {
        nop
    }
}
