# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_relman_global_optspecs
    string join \n C= app= remote= format= offline n/dry-run y/yes no-input color= q/quiet v/verbose h/help V/version
end

function __fish_relman_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_relman_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_relman_using_subcommand
    set -l cmd (__fish_relman_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c relman -n "__fish_relman_needs_command" -s C -d 'Use the release repo in this folder, or look for it from there' -r -F
complete -c relman -n "__fish_relman_needs_command" -l app -d 'Use this clone of the app repo' -r -F
complete -c relman -n "__fish_relman_needs_command" -l remote -d 'Use this remote instead of origin' -r
complete -c relman -n "__fish_relman_needs_command" -l format -d 'Print text, or one JSON document' -r -f -a "text\t'For people'
json\t'One JSON document, for scripts'"
complete -c relman -n "__fish_relman_needs_command" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c relman -n "__fish_relman_needs_command" -l offline -d 'Ask no remote; answer from the clones'
complete -c relman -n "__fish_relman_needs_command" -s n -l dry-run -d 'Show what would be done, and do nothing'
complete -c relman -n "__fish_relman_needs_command" -s y -l yes -d 'Answer yes to every question'
complete -c relman -n "__fish_relman_needs_command" -l no-input -d 'Ask nothing, even on a terminal'
complete -c relman -n "__fish_relman_needs_command" -s q -l quiet -d 'Say nothing but answers and errors'
complete -c relman -n "__fish_relman_needs_command" -s v -l verbose -d 'Say more; twice, still more'
complete -c relman -n "__fish_relman_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c relman -n "__fish_relman_needs_command" -s V -l version -d 'Print version'
complete -c relman -n "__fish_relman_needs_command" -f -a "init" -d 'Make a release repo and an app repo'
complete -c relman -n "__fish_relman_needs_command" -f -a "demo" -d 'Make a playground: both repos, two components and their remotes'
complete -c relman -n "__fish_relman_needs_command" -f -a "env" -d 'Add an environment, or list them'
complete -c relman -n "__fish_relman_needs_command" -f -a "status" -d 'Show which version each environment branch holds'
complete -c relman -n "__fish_relman_needs_command" -f -a "resolve" -d 'Show what a deployment would use, as facts for a script'
complete -c relman -n "__fish_relman_needs_command" -f -a "next-rc" -d 'Print the tag of the next candidate'
complete -c relman -n "__fish_relman_needs_command" -f -a "check" -d 'Validate files, branches and tags'
complete -c relman -n "__fish_relman_needs_command" -f -a "fetch" -d 'Bring all clones up to date, side by side'
complete -c relman -n "__fish_relman_needs_command" -f -a "completions" -d 'Print the completions for a shell'
complete -c relman -n "__fish_relman_needs_command" -f -a "man" -d 'Print the manual page, or write all pages into a folder'
complete -c relman -n "__fish_relman_using_subcommand init" -l dir -d 'Make the repositories in this folder' -r -F
complete -c relman -n "__fish_relman_using_subcommand init" -l env -d 'Add an environment; again for each [default: dev:dev, qa:qa and prod:prod]' -r
complete -c relman -n "__fish_relman_using_subcommand init" -l component -d 'List a component repository in app.yml; again for each' -r
complete -c relman -n "__fish_relman_using_subcommand init" -l version -d 'Begin an environment at a version that it runs already; again for each' -r
complete -c relman -n "__fish_relman_using_subcommand init" -l use-app -d 'Keep an app repo that exists, and list what it lacks' -r
complete -c relman -n "__fish_relman_using_subcommand init" -l ci -d 'Write the file by which this system runs relman deploy' -r -f -a "none\t''
github\t''
gitlab\t''
bitbucket\t''
jenkins\t''
tekton\t''"
complete -c relman -n "__fish_relman_using_subcommand init" -l remote-base -d 'The URL that the repositories will lie below; becomes the remote origin of each' -r
complete -c relman -n "__fish_relman_using_subcommand init" -s C -d 'Use the release repo in this folder, or look for it from there' -r -F
complete -c relman -n "__fish_relman_using_subcommand init" -l app -d 'Use this clone of the app repo' -r -F
complete -c relman -n "__fish_relman_using_subcommand init" -l remote -d 'Use this remote instead of origin' -r
complete -c relman -n "__fish_relman_using_subcommand init" -l format -d 'Print text, or one JSON document' -r -f -a "text\t'For people'
json\t'One JSON document, for scripts'"
complete -c relman -n "__fish_relman_using_subcommand init" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c relman -n "__fish_relman_using_subcommand init" -l push -d 'Push everything to the new remotes, default branches first'
complete -c relman -n "__fish_relman_using_subcommand init" -l offline -d 'Ask no remote; answer from the clones'
complete -c relman -n "__fish_relman_using_subcommand init" -s n -l dry-run -d 'Show what would be done, and do nothing'
complete -c relman -n "__fish_relman_using_subcommand init" -s y -l yes -d 'Answer yes to every question'
complete -c relman -n "__fish_relman_using_subcommand init" -l no-input -d 'Ask nothing, even on a terminal'
complete -c relman -n "__fish_relman_using_subcommand init" -s q -l quiet -d 'Say nothing but answers and errors'
complete -c relman -n "__fish_relman_using_subcommand init" -s v -l verbose -d 'Say more; twice, still more'
complete -c relman -n "__fish_relman_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c relman -n "__fish_relman_using_subcommand demo" -s C -d 'Use the release repo in this folder, or look for it from there' -r -F
complete -c relman -n "__fish_relman_using_subcommand demo" -l app -d 'Use this clone of the app repo' -r -F
complete -c relman -n "__fish_relman_using_subcommand demo" -l remote -d 'Use this remote instead of origin' -r
complete -c relman -n "__fish_relman_using_subcommand demo" -l format -d 'Print text, or one JSON document' -r -f -a "text\t'For people'
json\t'One JSON document, for scripts'"
complete -c relman -n "__fish_relman_using_subcommand demo" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c relman -n "__fish_relman_using_subcommand demo" -l offline -d 'Ask no remote; answer from the clones'
complete -c relman -n "__fish_relman_using_subcommand demo" -s n -l dry-run -d 'Show what would be done, and do nothing'
complete -c relman -n "__fish_relman_using_subcommand demo" -s y -l yes -d 'Answer yes to every question'
complete -c relman -n "__fish_relman_using_subcommand demo" -l no-input -d 'Ask nothing, even on a terminal'
complete -c relman -n "__fish_relman_using_subcommand demo" -s q -l quiet -d 'Say nothing but answers and errors'
complete -c relman -n "__fish_relman_using_subcommand demo" -s v -l verbose -d 'Say more; twice, still more'
complete -c relman -n "__fish_relman_using_subcommand demo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c relman -n "__fish_relman_using_subcommand env; and not __fish_seen_subcommand_from add list" -s C -d 'Use the release repo in this folder, or look for it from there' -r -F
complete -c relman -n "__fish_relman_using_subcommand env; and not __fish_seen_subcommand_from add list" -l app -d 'Use this clone of the app repo' -r -F
complete -c relman -n "__fish_relman_using_subcommand env; and not __fish_seen_subcommand_from add list" -l remote -d 'Use this remote instead of origin' -r
complete -c relman -n "__fish_relman_using_subcommand env; and not __fish_seen_subcommand_from add list" -l format -d 'Print text, or one JSON document' -r -f -a "text\t'For people'
json\t'One JSON document, for scripts'"
complete -c relman -n "__fish_relman_using_subcommand env; and not __fish_seen_subcommand_from add list" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c relman -n "__fish_relman_using_subcommand env; and not __fish_seen_subcommand_from add list" -l offline -d 'Ask no remote; answer from the clones'
complete -c relman -n "__fish_relman_using_subcommand env; and not __fish_seen_subcommand_from add list" -s n -l dry-run -d 'Show what would be done, and do nothing'
complete -c relman -n "__fish_relman_using_subcommand env; and not __fish_seen_subcommand_from add list" -s y -l yes -d 'Answer yes to every question'
complete -c relman -n "__fish_relman_using_subcommand env; and not __fish_seen_subcommand_from add list" -l no-input -d 'Ask nothing, even on a terminal'
complete -c relman -n "__fish_relman_using_subcommand env; and not __fish_seen_subcommand_from add list" -s q -l quiet -d 'Say nothing but answers and errors'
complete -c relman -n "__fish_relman_using_subcommand env; and not __fish_seen_subcommand_from add list" -s v -l verbose -d 'Say more; twice, still more'
complete -c relman -n "__fish_relman_using_subcommand env; and not __fish_seen_subcommand_from add list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c relman -n "__fish_relman_using_subcommand env; and not __fish_seen_subcommand_from add list" -f -a "add" -d 'Add an environment: a branch, from the commit that all of them share, with its entry on it'
complete -c relman -n "__fish_relman_using_subcommand env; and not __fish_seen_subcommand_from add list" -f -a "list" -d 'Show the environments and where promotions come from'
complete -c relman -n "__fish_relman_using_subcommand env; and __fish_seen_subcommand_from add" -l type -d 'The kind of environment: dev, qa, staging, prod, or one of your own with --tags' -r
complete -c relman -n "__fish_relman_using_subcommand env; and __fish_seen_subcommand_from add" -l from -d 'Take promotions from this environment; again for each' -r
complete -c relman -n "__fish_relman_using_subcommand env; and __fish_seen_subcommand_from add" -l branch -d 'The branch of the app repo that WIP deploys' -r
complete -c relman -n "__fish_relman_using_subcommand env; and __fish_seen_subcommand_from add" -l tags -d 'What a deployment does about tags, where it is not what the type says' -r -f -a "none\t''
candidate\t''
reuse\t''
final\t''"
complete -c relman -n "__fish_relman_using_subcommand env; and __fish_seen_subcommand_from add" -s C -d 'Use the release repo in this folder, or look for it from there' -r -F
complete -c relman -n "__fish_relman_using_subcommand env; and __fish_seen_subcommand_from add" -l app -d 'Use this clone of the app repo' -r -F
complete -c relman -n "__fish_relman_using_subcommand env; and __fish_seen_subcommand_from add" -l remote -d 'Use this remote instead of origin' -r
complete -c relman -n "__fish_relman_using_subcommand env; and __fish_seen_subcommand_from add" -l format -d 'Print text, or one JSON document' -r -f -a "text\t'For people'
json\t'One JSON document, for scripts'"
complete -c relman -n "__fish_relman_using_subcommand env; and __fish_seen_subcommand_from add" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c relman -n "__fish_relman_using_subcommand env; and __fish_seen_subcommand_from add" -l push -d 'Push the new branch'
complete -c relman -n "__fish_relman_using_subcommand env; and __fish_seen_subcommand_from add" -l offline -d 'Ask no remote; answer from the clones'
complete -c relman -n "__fish_relman_using_subcommand env; and __fish_seen_subcommand_from add" -s n -l dry-run -d 'Show what would be done, and do nothing'
complete -c relman -n "__fish_relman_using_subcommand env; and __fish_seen_subcommand_from add" -s y -l yes -d 'Answer yes to every question'
complete -c relman -n "__fish_relman_using_subcommand env; and __fish_seen_subcommand_from add" -l no-input -d 'Ask nothing, even on a terminal'
complete -c relman -n "__fish_relman_using_subcommand env; and __fish_seen_subcommand_from add" -s q -l quiet -d 'Say nothing but answers and errors'
complete -c relman -n "__fish_relman_using_subcommand env; and __fish_seen_subcommand_from add" -s v -l verbose -d 'Say more; twice, still more'
complete -c relman -n "__fish_relman_using_subcommand env; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c relman -n "__fish_relman_using_subcommand env; and __fish_seen_subcommand_from list" -s C -d 'Use the release repo in this folder, or look for it from there' -r -F
complete -c relman -n "__fish_relman_using_subcommand env; and __fish_seen_subcommand_from list" -l app -d 'Use this clone of the app repo' -r -F
complete -c relman -n "__fish_relman_using_subcommand env; and __fish_seen_subcommand_from list" -l remote -d 'Use this remote instead of origin' -r
complete -c relman -n "__fish_relman_using_subcommand env; and __fish_seen_subcommand_from list" -l format -d 'Print text, or one JSON document' -r -f -a "text\t'For people'
json\t'One JSON document, for scripts'"
complete -c relman -n "__fish_relman_using_subcommand env; and __fish_seen_subcommand_from list" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c relman -n "__fish_relman_using_subcommand env; and __fish_seen_subcommand_from list" -l offline -d 'Ask no remote; answer from the clones'
complete -c relman -n "__fish_relman_using_subcommand env; and __fish_seen_subcommand_from list" -s n -l dry-run -d 'Show what would be done, and do nothing'
complete -c relman -n "__fish_relman_using_subcommand env; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer yes to every question'
complete -c relman -n "__fish_relman_using_subcommand env; and __fish_seen_subcommand_from list" -l no-input -d 'Ask nothing, even on a terminal'
complete -c relman -n "__fish_relman_using_subcommand env; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Say nothing but answers and errors'
complete -c relman -n "__fish_relman_using_subcommand env; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more; twice, still more'
complete -c relman -n "__fish_relman_using_subcommand env; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c relman -n "__fish_relman_using_subcommand status" -s C -d 'Use the release repo in this folder, or look for it from there' -r -F
complete -c relman -n "__fish_relman_using_subcommand status" -l app -d 'Use this clone of the app repo' -r -F
complete -c relman -n "__fish_relman_using_subcommand status" -l remote -d 'Use this remote instead of origin' -r
complete -c relman -n "__fish_relman_using_subcommand status" -l format -d 'Print text, or one JSON document' -r -f -a "text\t'For people'
json\t'One JSON document, for scripts'"
complete -c relman -n "__fish_relman_using_subcommand status" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c relman -n "__fish_relman_using_subcommand status" -l check -d 'End with 10 if anything is wrong'
complete -c relman -n "__fish_relman_using_subcommand status" -l offline -d 'Ask no remote; answer from the clones'
complete -c relman -n "__fish_relman_using_subcommand status" -s n -l dry-run -d 'Show what would be done, and do nothing'
complete -c relman -n "__fish_relman_using_subcommand status" -s y -l yes -d 'Answer yes to every question'
complete -c relman -n "__fish_relman_using_subcommand status" -l no-input -d 'Ask nothing, even on a terminal'
complete -c relman -n "__fish_relman_using_subcommand status" -s q -l quiet -d 'Say nothing but answers and errors'
complete -c relman -n "__fish_relman_using_subcommand status" -s v -l verbose -d 'Say more; twice, still more'
complete -c relman -n "__fish_relman_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c relman -n "__fish_relman_using_subcommand resolve" -l version -d 'Use this instead of what the branch holds' -r
complete -c relman -n "__fish_relman_using_subcommand resolve" -s C -d 'Use the release repo in this folder, or look for it from there' -r -F
complete -c relman -n "__fish_relman_using_subcommand resolve" -l app -d 'Use this clone of the app repo' -r -F
complete -c relman -n "__fish_relman_using_subcommand resolve" -l remote -d 'Use this remote instead of origin' -r
complete -c relman -n "__fish_relman_using_subcommand resolve" -l format -d 'Print text, or one JSON document' -r -f -a "text\t'For people'
json\t'One JSON document, for scripts'"
complete -c relman -n "__fish_relman_using_subcommand resolve" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c relman -n "__fish_relman_using_subcommand resolve" -l offline -d 'Ask no remote; answer from the clones'
complete -c relman -n "__fish_relman_using_subcommand resolve" -s n -l dry-run -d 'Show what would be done, and do nothing'
complete -c relman -n "__fish_relman_using_subcommand resolve" -s y -l yes -d 'Answer yes to every question'
complete -c relman -n "__fish_relman_using_subcommand resolve" -l no-input -d 'Ask nothing, even on a terminal'
complete -c relman -n "__fish_relman_using_subcommand resolve" -s q -l quiet -d 'Say nothing but answers and errors'
complete -c relman -n "__fish_relman_using_subcommand resolve" -s v -l verbose -d 'Say more; twice, still more'
complete -c relman -n "__fish_relman_using_subcommand resolve" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c relman -n "__fish_relman_using_subcommand next-rc" -s C -d 'Use the release repo in this folder, or look for it from there' -r -F
complete -c relman -n "__fish_relman_using_subcommand next-rc" -l app -d 'Use this clone of the app repo' -r -F
complete -c relman -n "__fish_relman_using_subcommand next-rc" -l remote -d 'Use this remote instead of origin' -r
complete -c relman -n "__fish_relman_using_subcommand next-rc" -l format -d 'Print text, or one JSON document' -r -f -a "text\t'For people'
json\t'One JSON document, for scripts'"
complete -c relman -n "__fish_relman_using_subcommand next-rc" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c relman -n "__fish_relman_using_subcommand next-rc" -l offline -d 'Ask no remote; answer from the clones'
complete -c relman -n "__fish_relman_using_subcommand next-rc" -s n -l dry-run -d 'Show what would be done, and do nothing'
complete -c relman -n "__fish_relman_using_subcommand next-rc" -s y -l yes -d 'Answer yes to every question'
complete -c relman -n "__fish_relman_using_subcommand next-rc" -l no-input -d 'Ask nothing, even on a terminal'
complete -c relman -n "__fish_relman_using_subcommand next-rc" -s q -l quiet -d 'Say nothing but answers and errors'
complete -c relman -n "__fish_relman_using_subcommand next-rc" -s v -l verbose -d 'Say more; twice, still more'
complete -c relman -n "__fish_relman_using_subcommand next-rc" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c relman -n "__fish_relman_using_subcommand check" -s C -d 'Use the release repo in this folder, or look for it from there' -r -F
complete -c relman -n "__fish_relman_using_subcommand check" -l app -d 'Use this clone of the app repo' -r -F
complete -c relman -n "__fish_relman_using_subcommand check" -l remote -d 'Use this remote instead of origin' -r
complete -c relman -n "__fish_relman_using_subcommand check" -l format -d 'Print text, or one JSON document' -r -f -a "text\t'For people'
json\t'One JSON document, for scripts'"
complete -c relman -n "__fish_relman_using_subcommand check" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c relman -n "__fish_relman_using_subcommand check" -l strict -d 'Treat warnings as errors'
complete -c relman -n "__fish_relman_using_subcommand check" -l offline -d 'Ask no remote; answer from the clones'
complete -c relman -n "__fish_relman_using_subcommand check" -s n -l dry-run -d 'Show what would be done, and do nothing'
complete -c relman -n "__fish_relman_using_subcommand check" -s y -l yes -d 'Answer yes to every question'
complete -c relman -n "__fish_relman_using_subcommand check" -l no-input -d 'Ask nothing, even on a terminal'
complete -c relman -n "__fish_relman_using_subcommand check" -s q -l quiet -d 'Say nothing but answers and errors'
complete -c relman -n "__fish_relman_using_subcommand check" -s v -l verbose -d 'Say more; twice, still more'
complete -c relman -n "__fish_relman_using_subcommand check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c relman -n "__fish_relman_using_subcommand fetch" -s C -d 'Use the release repo in this folder, or look for it from there' -r -F
complete -c relman -n "__fish_relman_using_subcommand fetch" -l app -d 'Use this clone of the app repo' -r -F
complete -c relman -n "__fish_relman_using_subcommand fetch" -l remote -d 'Use this remote instead of origin' -r
complete -c relman -n "__fish_relman_using_subcommand fetch" -l format -d 'Print text, or one JSON document' -r -f -a "text\t'For people'
json\t'One JSON document, for scripts'"
complete -c relman -n "__fish_relman_using_subcommand fetch" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c relman -n "__fish_relman_using_subcommand fetch" -l offline -d 'Ask no remote; answer from the clones'
complete -c relman -n "__fish_relman_using_subcommand fetch" -s n -l dry-run -d 'Show what would be done, and do nothing'
complete -c relman -n "__fish_relman_using_subcommand fetch" -s y -l yes -d 'Answer yes to every question'
complete -c relman -n "__fish_relman_using_subcommand fetch" -l no-input -d 'Ask nothing, even on a terminal'
complete -c relman -n "__fish_relman_using_subcommand fetch" -s q -l quiet -d 'Say nothing but answers and errors'
complete -c relman -n "__fish_relman_using_subcommand fetch" -s v -l verbose -d 'Say more; twice, still more'
complete -c relman -n "__fish_relman_using_subcommand fetch" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c relman -n "__fish_relman_using_subcommand completions" -s C -d 'Use the release repo in this folder, or look for it from there' -r -F
complete -c relman -n "__fish_relman_using_subcommand completions" -l app -d 'Use this clone of the app repo' -r -F
complete -c relman -n "__fish_relman_using_subcommand completions" -l remote -d 'Use this remote instead of origin' -r
complete -c relman -n "__fish_relman_using_subcommand completions" -l format -d 'Print text, or one JSON document' -r -f -a "text\t'For people'
json\t'One JSON document, for scripts'"
complete -c relman -n "__fish_relman_using_subcommand completions" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c relman -n "__fish_relman_using_subcommand completions" -l offline -d 'Ask no remote; answer from the clones'
complete -c relman -n "__fish_relman_using_subcommand completions" -s n -l dry-run -d 'Show what would be done, and do nothing'
complete -c relman -n "__fish_relman_using_subcommand completions" -s y -l yes -d 'Answer yes to every question'
complete -c relman -n "__fish_relman_using_subcommand completions" -l no-input -d 'Ask nothing, even on a terminal'
complete -c relman -n "__fish_relman_using_subcommand completions" -s q -l quiet -d 'Say nothing but answers and errors'
complete -c relman -n "__fish_relman_using_subcommand completions" -s v -l verbose -d 'Say more; twice, still more'
complete -c relman -n "__fish_relman_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c relman -n "__fish_relman_using_subcommand man" -l out -d 'Write one page for each command into this folder' -r -F
complete -c relman -n "__fish_relman_using_subcommand man" -s C -d 'Use the release repo in this folder, or look for it from there' -r -F
complete -c relman -n "__fish_relman_using_subcommand man" -l app -d 'Use this clone of the app repo' -r -F
complete -c relman -n "__fish_relman_using_subcommand man" -l remote -d 'Use this remote instead of origin' -r
complete -c relman -n "__fish_relman_using_subcommand man" -l format -d 'Print text, or one JSON document' -r -f -a "text\t'For people'
json\t'One JSON document, for scripts'"
complete -c relman -n "__fish_relman_using_subcommand man" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c relman -n "__fish_relman_using_subcommand man" -l offline -d 'Ask no remote; answer from the clones'
complete -c relman -n "__fish_relman_using_subcommand man" -s n -l dry-run -d 'Show what would be done, and do nothing'
complete -c relman -n "__fish_relman_using_subcommand man" -s y -l yes -d 'Answer yes to every question'
complete -c relman -n "__fish_relman_using_subcommand man" -l no-input -d 'Ask nothing, even on a terminal'
complete -c relman -n "__fish_relman_using_subcommand man" -s q -l quiet -d 'Say nothing but answers and errors'
complete -c relman -n "__fish_relman_using_subcommand man" -s v -l verbose -d 'Say more; twice, still more'
complete -c relman -n "__fish_relman_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
