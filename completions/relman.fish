# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_relman_global_optspecs
    string join \n C= app= remote= format= offline n/dry-run y/yes no-input forge= color= q/quiet v/verbose h/help V/version
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
complete -c relman -n "__fish_relman_needs_command" -l format -d 'Print text, or one JSON document; diff prints Markdown as well' -r -f -a "text\t'For people'
json\t'One JSON document, for scripts'
markdown\t'For the page of a forge'"
complete -c relman -n "__fish_relman_needs_command" -l forge -d 'The forge that the release repo lies on, where its URL does not tell' -r
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
complete -c relman -n "__fish_relman_needs_command" -f -a "tag" -d 'Create and push the tags of a release in all repositories'
complete -c relman -n "__fish_relman_needs_command" -f -a "branch" -d 'Make release/VERSION in the app repo and all components'
complete -c relman -n "__fish_relman_needs_command" -f -a "promote" -d 'Promote a version from one environment to another, by a pull request'
complete -c relman -n "__fish_relman_needs_command" -f -a "set" -d 'Set the version of an environment, by a pull request'
complete -c relman -n "__fish_relman_needs_command" -f -a "rollback" -d 'Set an environment back to a version that it held before, by a pull request'
complete -c relman -n "__fish_relman_needs_command" -f -a "redeploy" -d 'Run the pipeline of an environment again, by a commit that changes nothing'
complete -c relman -n "__fish_relman_needs_command" -f -a "deploy" -d 'Deploy what an environment branch declares; this is what CI runs'
complete -c relman -n "__fish_relman_needs_command" -f -a "log" -d 'Show each change of version of the environments, the newest first'
complete -c relman -n "__fish_relman_needs_command" -f -a "diff" -d 'Show what TO would gain and lose if it were given FROM\'s version'
complete -c relman -n "__fish_relman_needs_command" -f -a "trigger" -d 'Act on a request from elsewhere: a webhook\'s body, or a few keys of one\'s own'
complete -c relman -n "__fish_relman_needs_command" -f -a "trace" -d 'Show the whole chain of one deployment: commits, tags, components, pipeline, values, record'
complete -c relman -n "__fish_relman_needs_command" -f -a "verify" -d 'Prove that the tags of a version are what they should be, in every repository'
complete -c relman -n "__fish_relman_needs_command" -f -a "where" -d 'Show which environments have an issue, a commit or a version, since when, and where it waits'
complete -c relman -n "__fish_relman_needs_command" -f -a "jira" -d 'Tell Jira what it has missed'
complete -c relman -n "__fish_relman_needs_command" -f -a "check" -d 'Validate files, branches and tags'
complete -c relman -n "__fish_relman_needs_command" -f -a "doctor" -d 'Show what relman finds on this machine, and what of it would hurt'
complete -c relman -n "__fish_relman_needs_command" -f -a "fetch" -d 'Bring all clones up to date, side by side'
complete -c relman -n "__fish_relman_needs_command" -f -a "completions" -d 'Print the completions for a shell'
complete -c relman -n "__fish_relman_needs_command" -f -a "man" -d 'Print the manual page, or write all pages into a folder'
complete -c relman -n "__fish_relman_using_subcommand init" -l dir -d 'Make the repositories in this folder' -r -F
complete -c relman -n "__fish_relman_using_subcommand init" -l env -d 'Add an environment; again for each [default: dev:dev, qa:qa and prod:prod]' -r
complete -c relman -n "__fish_relman_using_subcommand init" -l component -d 'List a component repository in app.yml; again for each' -r
complete -c relman -n "__fish_relman_using_subcommand init" -l version -d 'Begin an environment at a version that it runs already; again for each' -r
complete -c relman -n "__fish_relman_using_subcommand init" -l use-app -d 'Keep an app repo that exists, and list what it lacks' -r
complete -c relman -n "__fish_relman_using_subcommand init" -l from-ods -d 'Take over the environments and components of a release manager repository of OpenDevStack in this folder' -r -F
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
complete -c relman -n "__fish_relman_using_subcommand init" -l format -d 'Print text, or one JSON document; diff prints Markdown as well' -r -f -a "text\t'For people'
json\t'One JSON document, for scripts'
markdown\t'For the page of a forge'"
complete -c relman -n "__fish_relman_using_subcommand init" -l forge -d 'The forge that the release repo lies on, where its URL does not tell' -r
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
complete -c relman -n "__fish_relman_using_subcommand demo" -l format -d 'Print text, or one JSON document; diff prints Markdown as well' -r -f -a "text\t'For people'
json\t'One JSON document, for scripts'
markdown\t'For the page of a forge'"
complete -c relman -n "__fish_relman_using_subcommand demo" -l forge -d 'The forge that the release repo lies on, where its URL does not tell' -r
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
complete -c relman -n "__fish_relman_using_subcommand env; and not __fish_seen_subcommand_from add list" -l format -d 'Print text, or one JSON document; diff prints Markdown as well' -r -f -a "text\t'For people'
json\t'One JSON document, for scripts'
markdown\t'For the page of a forge'"
complete -c relman -n "__fish_relman_using_subcommand env; and not __fish_seen_subcommand_from add list" -l forge -d 'The forge that the release repo lies on, where its URL does not tell' -r
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
complete -c relman -n "__fish_relman_using_subcommand env; and __fish_seen_subcommand_from add" -l format -d 'Print text, or one JSON document; diff prints Markdown as well' -r -f -a "text\t'For people'
json\t'One JSON document, for scripts'
markdown\t'For the page of a forge'"
complete -c relman -n "__fish_relman_using_subcommand env; and __fish_seen_subcommand_from add" -l forge -d 'The forge that the release repo lies on, where its URL does not tell' -r
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
complete -c relman -n "__fish_relman_using_subcommand env; and __fish_seen_subcommand_from list" -l format -d 'Print text, or one JSON document; diff prints Markdown as well' -r -f -a "text\t'For people'
json\t'One JSON document, for scripts'
markdown\t'For the page of a forge'"
complete -c relman -n "__fish_relman_using_subcommand env; and __fish_seen_subcommand_from list" -l forge -d 'The forge that the release repo lies on, where its URL does not tell' -r
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
complete -c relman -n "__fish_relman_using_subcommand status" -l at -d 'Show what was declared and what ran at this date, such as 2026-03-01, yesterday or "3 weeks ago"' -r
complete -c relman -n "__fish_relman_using_subcommand status" -s C -d 'Use the release repo in this folder, or look for it from there' -r -F
complete -c relman -n "__fish_relman_using_subcommand status" -l app -d 'Use this clone of the app repo' -r -F
complete -c relman -n "__fish_relman_using_subcommand status" -l remote -d 'Use this remote instead of origin' -r
complete -c relman -n "__fish_relman_using_subcommand status" -l format -d 'Print text, or one JSON document; diff prints Markdown as well' -r -f -a "text\t'For people'
json\t'One JSON document, for scripts'
markdown\t'For the page of a forge'"
complete -c relman -n "__fish_relman_using_subcommand status" -l forge -d 'The forge that the release repo lies on, where its URL does not tell' -r
complete -c relman -n "__fish_relman_using_subcommand status" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c relman -n "__fish_relman_using_subcommand status" -l pull-requests -d 'Ask the forge for open promotions'
complete -c relman -n "__fish_relman_using_subcommand status" -l check -d 'End with 10 if there is an error'
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
complete -c relman -n "__fish_relman_using_subcommand resolve" -l format -d 'Print text, or one JSON document; diff prints Markdown as well' -r -f -a "text\t'For people'
json\t'One JSON document, for scripts'
markdown\t'For the page of a forge'"
complete -c relman -n "__fish_relman_using_subcommand resolve" -l forge -d 'The forge that the release repo lies on, where its URL does not tell' -r
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
complete -c relman -n "__fish_relman_using_subcommand next-rc" -l format -d 'Print text, or one JSON document; diff prints Markdown as well' -r -f -a "text\t'For people'
json\t'One JSON document, for scripts'
markdown\t'For the page of a forge'"
complete -c relman -n "__fish_relman_using_subcommand next-rc" -l forge -d 'The forge that the release repo lies on, where its URL does not tell' -r
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
complete -c relman -n "__fish_relman_using_subcommand tag" -l env -d 'The environment that decides about branches and candidates; else the only one that makes such tags' -r
complete -c relman -n "__fish_relman_using_subcommand tag" -s C -d 'Use the release repo in this folder, or look for it from there' -r -F
complete -c relman -n "__fish_relman_using_subcommand tag" -l app -d 'Use this clone of the app repo' -r -F
complete -c relman -n "__fish_relman_using_subcommand tag" -l remote -d 'Use this remote instead of origin' -r
complete -c relman -n "__fish_relman_using_subcommand tag" -l format -d 'Print text, or one JSON document; diff prints Markdown as well' -r -f -a "text\t'For people'
json\t'One JSON document, for scripts'
markdown\t'For the page of a forge'"
complete -c relman -n "__fish_relman_using_subcommand tag" -l forge -d 'The forge that the release repo lies on, where its URL does not tell' -r
complete -c relman -n "__fish_relman_using_subcommand tag" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c relman -n "__fish_relman_using_subcommand tag" -l offline -d 'Ask no remote; answer from the clones'
complete -c relman -n "__fish_relman_using_subcommand tag" -s n -l dry-run -d 'Show what would be done, and do nothing'
complete -c relman -n "__fish_relman_using_subcommand tag" -s y -l yes -d 'Answer yes to every question'
complete -c relman -n "__fish_relman_using_subcommand tag" -l no-input -d 'Ask nothing, even on a terminal'
complete -c relman -n "__fish_relman_using_subcommand tag" -s q -l quiet -d 'Say nothing but answers and errors'
complete -c relman -n "__fish_relman_using_subcommand tag" -s v -l verbose -d 'Say more; twice, still more'
complete -c relman -n "__fish_relman_using_subcommand tag" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c relman -n "__fish_relman_using_subcommand branch" -l from -d 'Begin at this version\'s final tag (a hotfix), or at this candidate (a fix while work has moved on)' -r
complete -c relman -n "__fish_relman_using_subcommand branch" -s C -d 'Use the release repo in this folder, or look for it from there' -r -F
complete -c relman -n "__fish_relman_using_subcommand branch" -l app -d 'Use this clone of the app repo' -r -F
complete -c relman -n "__fish_relman_using_subcommand branch" -l remote -d 'Use this remote instead of origin' -r
complete -c relman -n "__fish_relman_using_subcommand branch" -l format -d 'Print text, or one JSON document; diff prints Markdown as well' -r -f -a "text\t'For people'
json\t'One JSON document, for scripts'
markdown\t'For the page of a forge'"
complete -c relman -n "__fish_relman_using_subcommand branch" -l forge -d 'The forge that the release repo lies on, where its URL does not tell' -r
complete -c relman -n "__fish_relman_using_subcommand branch" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c relman -n "__fish_relman_using_subcommand branch" -l offline -d 'Ask no remote; answer from the clones'
complete -c relman -n "__fish_relman_using_subcommand branch" -s n -l dry-run -d 'Show what would be done, and do nothing'
complete -c relman -n "__fish_relman_using_subcommand branch" -s y -l yes -d 'Answer yes to every question'
complete -c relman -n "__fish_relman_using_subcommand branch" -l no-input -d 'Ask nothing, even on a terminal'
complete -c relman -n "__fish_relman_using_subcommand branch" -s q -l quiet -d 'Say nothing but answers and errors'
complete -c relman -n "__fish_relman_using_subcommand branch" -s v -l verbose -d 'Say more; twice, still more'
complete -c relman -n "__fish_relman_using_subcommand branch" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c relman -n "__fish_relman_using_subcommand promote" -l version -d 'Promote this version instead of the one that FROM holds' -r
complete -c relman -n "__fish_relman_using_subcommand promote" -l allow-skip -d 'Go on although TO takes no promotions from FROM' -r
complete -c relman -n "__fish_relman_using_subcommand promote" -l via -d 'The way: auto, direct (the environment branch itself) or branch (one commit with the version)' -r -f -a "auto\t''
direct\t''
branch\t''"
complete -c relman -n "__fish_relman_using_subcommand promote" -l reviewer -d 'Ask this person to review it, by the name at the forge; again for each' -r
complete -c relman -n "__fish_relman_using_subcommand promote" -l label -d 'Give it this label, where the forge has labels; again for each' -r
complete -c relman -n "__fish_relman_using_subcommand promote" -l wait -d 'Wait until the pull request is merged, an hour at the most or as long as is said: 30m, 2h' -r
complete -c relman -n "__fish_relman_using_subcommand promote" -s C -d 'Use the release repo in this folder, or look for it from there' -r -F
complete -c relman -n "__fish_relman_using_subcommand promote" -l app -d 'Use this clone of the app repo' -r -F
complete -c relman -n "__fish_relman_using_subcommand promote" -l remote -d 'Use this remote instead of origin' -r
complete -c relman -n "__fish_relman_using_subcommand promote" -l format -d 'Print text, or one JSON document; diff prints Markdown as well' -r -f -a "text\t'For people'
json\t'One JSON document, for scripts'
markdown\t'For the page of a forge'"
complete -c relman -n "__fish_relman_using_subcommand promote" -l forge -d 'The forge that the release repo lies on, where its URL does not tell' -r
complete -c relman -n "__fish_relman_using_subcommand promote" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c relman -n "__fish_relman_using_subcommand promote" -l allow-downgrade -d 'Go on although the version is lower'
complete -c relman -n "__fish_relman_using_subcommand promote" -l direct-push -d 'Push to the environment branch, without a pull request'
complete -c relman -n "__fish_relman_using_subcommand promote" -l draft -d 'Open the pull request as a draft'
complete -c relman -n "__fish_relman_using_subcommand promote" -l web -d 'Print the page on which the pull request is opened, and ask the forge nothing'
complete -c relman -n "__fish_relman_using_subcommand promote" -l offline -d 'Ask no remote; answer from the clones'
complete -c relman -n "__fish_relman_using_subcommand promote" -s n -l dry-run -d 'Show what would be done, and do nothing'
complete -c relman -n "__fish_relman_using_subcommand promote" -s y -l yes -d 'Answer yes to every question'
complete -c relman -n "__fish_relman_using_subcommand promote" -l no-input -d 'Ask nothing, even on a terminal'
complete -c relman -n "__fish_relman_using_subcommand promote" -s q -l quiet -d 'Say nothing but answers and errors'
complete -c relman -n "__fish_relman_using_subcommand promote" -s v -l verbose -d 'Say more; twice, still more'
complete -c relman -n "__fish_relman_using_subcommand promote" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c relman -n "__fish_relman_using_subcommand set" -l unproven -d 'Trust a version that is older than its candidates, and say why' -r
complete -c relman -n "__fish_relman_using_subcommand set" -l via -d 'The way: auto, direct (the environment branch itself) or branch (one commit with the version)' -r -f -a "auto\t''
direct\t''
branch\t''"
complete -c relman -n "__fish_relman_using_subcommand set" -l reviewer -d 'Ask this person to review it, by the name at the forge; again for each' -r
complete -c relman -n "__fish_relman_using_subcommand set" -l label -d 'Give it this label, where the forge has labels; again for each' -r
complete -c relman -n "__fish_relman_using_subcommand set" -l wait -d 'Wait until the pull request is merged, an hour at the most or as long as is said: 30m, 2h' -r
complete -c relman -n "__fish_relman_using_subcommand set" -s C -d 'Use the release repo in this folder, or look for it from there' -r -F
complete -c relman -n "__fish_relman_using_subcommand set" -l app -d 'Use this clone of the app repo' -r -F
complete -c relman -n "__fish_relman_using_subcommand set" -l remote -d 'Use this remote instead of origin' -r
complete -c relman -n "__fish_relman_using_subcommand set" -l format -d 'Print text, or one JSON document; diff prints Markdown as well' -r -f -a "text\t'For people'
json\t'One JSON document, for scripts'
markdown\t'For the page of a forge'"
complete -c relman -n "__fish_relman_using_subcommand set" -l forge -d 'The forge that the release repo lies on, where its URL does not tell' -r
complete -c relman -n "__fish_relman_using_subcommand set" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c relman -n "__fish_relman_using_subcommand set" -l allow-downgrade -d 'Go on although the version is lower'
complete -c relman -n "__fish_relman_using_subcommand set" -l direct-push -d 'Push to the environment branch, without a pull request'
complete -c relman -n "__fish_relman_using_subcommand set" -l draft -d 'Open the pull request as a draft'
complete -c relman -n "__fish_relman_using_subcommand set" -l web -d 'Print the page on which the pull request is opened, and ask the forge nothing'
complete -c relman -n "__fish_relman_using_subcommand set" -l offline -d 'Ask no remote; answer from the clones'
complete -c relman -n "__fish_relman_using_subcommand set" -s n -l dry-run -d 'Show what would be done, and do nothing'
complete -c relman -n "__fish_relman_using_subcommand set" -s y -l yes -d 'Answer yes to every question'
complete -c relman -n "__fish_relman_using_subcommand set" -l no-input -d 'Ask nothing, even on a terminal'
complete -c relman -n "__fish_relman_using_subcommand set" -s q -l quiet -d 'Say nothing but answers and errors'
complete -c relman -n "__fish_relman_using_subcommand set" -s v -l verbose -d 'Say more; twice, still more'
complete -c relman -n "__fish_relman_using_subcommand set" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c relman -n "__fish_relman_using_subcommand rollback" -l via -d 'The way: auto, direct (the environment branch itself) or branch (one commit with the version)' -r -f -a "auto\t''
direct\t''
branch\t''"
complete -c relman -n "__fish_relman_using_subcommand rollback" -l reviewer -d 'Ask this person to review it, by the name at the forge; again for each' -r
complete -c relman -n "__fish_relman_using_subcommand rollback" -l label -d 'Give it this label, where the forge has labels; again for each' -r
complete -c relman -n "__fish_relman_using_subcommand rollback" -l wait -d 'Wait until the pull request is merged, an hour at the most or as long as is said: 30m, 2h' -r
complete -c relman -n "__fish_relman_using_subcommand rollback" -s C -d 'Use the release repo in this folder, or look for it from there' -r -F
complete -c relman -n "__fish_relman_using_subcommand rollback" -l app -d 'Use this clone of the app repo' -r -F
complete -c relman -n "__fish_relman_using_subcommand rollback" -l remote -d 'Use this remote instead of origin' -r
complete -c relman -n "__fish_relman_using_subcommand rollback" -l format -d 'Print text, or one JSON document; diff prints Markdown as well' -r -f -a "text\t'For people'
json\t'One JSON document, for scripts'
markdown\t'For the page of a forge'"
complete -c relman -n "__fish_relman_using_subcommand rollback" -l forge -d 'The forge that the release repo lies on, where its URL does not tell' -r
complete -c relman -n "__fish_relman_using_subcommand rollback" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c relman -n "__fish_relman_using_subcommand rollback" -l allow-downgrade -d 'Go on although the version is lower'
complete -c relman -n "__fish_relman_using_subcommand rollback" -l direct-push -d 'Push to the environment branch, without a pull request'
complete -c relman -n "__fish_relman_using_subcommand rollback" -l draft -d 'Open the pull request as a draft'
complete -c relman -n "__fish_relman_using_subcommand rollback" -l web -d 'Print the page on which the pull request is opened, and ask the forge nothing'
complete -c relman -n "__fish_relman_using_subcommand rollback" -l offline -d 'Ask no remote; answer from the clones'
complete -c relman -n "__fish_relman_using_subcommand rollback" -s n -l dry-run -d 'Show what would be done, and do nothing'
complete -c relman -n "__fish_relman_using_subcommand rollback" -s y -l yes -d 'Answer yes to every question'
complete -c relman -n "__fish_relman_using_subcommand rollback" -l no-input -d 'Ask nothing, even on a terminal'
complete -c relman -n "__fish_relman_using_subcommand rollback" -s q -l quiet -d 'Say nothing but answers and errors'
complete -c relman -n "__fish_relman_using_subcommand rollback" -s v -l verbose -d 'Say more; twice, still more'
complete -c relman -n "__fish_relman_using_subcommand rollback" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c relman -n "__fish_relman_using_subcommand redeploy" -s C -d 'Use the release repo in this folder, or look for it from there' -r -F
complete -c relman -n "__fish_relman_using_subcommand redeploy" -l app -d 'Use this clone of the app repo' -r -F
complete -c relman -n "__fish_relman_using_subcommand redeploy" -l remote -d 'Use this remote instead of origin' -r
complete -c relman -n "__fish_relman_using_subcommand redeploy" -l format -d 'Print text, or one JSON document; diff prints Markdown as well' -r -f -a "text\t'For people'
json\t'One JSON document, for scripts'
markdown\t'For the page of a forge'"
complete -c relman -n "__fish_relman_using_subcommand redeploy" -l forge -d 'The forge that the release repo lies on, where its URL does not tell' -r
complete -c relman -n "__fish_relman_using_subcommand redeploy" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c relman -n "__fish_relman_using_subcommand redeploy" -l direct-push -d 'Push to the environment branch; a redeployment always does'
complete -c relman -n "__fish_relman_using_subcommand redeploy" -l offline -d 'Ask no remote; answer from the clones'
complete -c relman -n "__fish_relman_using_subcommand redeploy" -s n -l dry-run -d 'Show what would be done, and do nothing'
complete -c relman -n "__fish_relman_using_subcommand redeploy" -s y -l yes -d 'Answer yes to every question'
complete -c relman -n "__fish_relman_using_subcommand redeploy" -l no-input -d 'Ask nothing, even on a terminal'
complete -c relman -n "__fish_relman_using_subcommand redeploy" -s q -l quiet -d 'Say nothing but answers and errors'
complete -c relman -n "__fish_relman_using_subcommand redeploy" -s v -l verbose -d 'Say more; twice, still more'
complete -c relman -n "__fish_relman_using_subcommand redeploy" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c relman -n "__fish_relman_using_subcommand deploy" -l version -d 'The version, where the branch has no `version` because it is driven from outside' -r
complete -c relman -n "__fish_relman_using_subcommand deploy" -s C -d 'Use the release repo in this folder, or look for it from there' -r -F
complete -c relman -n "__fish_relman_using_subcommand deploy" -l app -d 'Use this clone of the app repo' -r -F
complete -c relman -n "__fish_relman_using_subcommand deploy" -l remote -d 'Use this remote instead of origin' -r
complete -c relman -n "__fish_relman_using_subcommand deploy" -l format -d 'Print text, or one JSON document; diff prints Markdown as well' -r -f -a "text\t'For people'
json\t'One JSON document, for scripts'
markdown\t'For the page of a forge'"
complete -c relman -n "__fish_relman_using_subcommand deploy" -l forge -d 'The forge that the release repo lies on, where its URL does not tell' -r
complete -c relman -n "__fish_relman_using_subcommand deploy" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c relman -n "__fish_relman_using_subcommand deploy" -l render -d 'Print what the engine would hand to its system (tekton: the PipelineRun), and do nothing else'
complete -c relman -n "__fish_relman_using_subcommand deploy" -l offline -d 'Ask no remote; answer from the clones'
complete -c relman -n "__fish_relman_using_subcommand deploy" -s n -l dry-run -d 'Show what would be done, and do nothing'
complete -c relman -n "__fish_relman_using_subcommand deploy" -s y -l yes -d 'Answer yes to every question'
complete -c relman -n "__fish_relman_using_subcommand deploy" -l no-input -d 'Ask nothing, even on a terminal'
complete -c relman -n "__fish_relman_using_subcommand deploy" -s q -l quiet -d 'Say nothing but answers and errors'
complete -c relman -n "__fish_relman_using_subcommand deploy" -s v -l verbose -d 'Say more; twice, still more'
complete -c relman -n "__fish_relman_using_subcommand deploy" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c relman -n "__fish_relman_using_subcommand log" -l since -d 'Only changes from this date on, such as 2026-03-01, yesterday or "3 weeks ago"' -r
complete -c relman -n "__fish_relman_using_subcommand log" -l until -d 'Only changes up to this date; a date without a time is that whole day' -r
complete -c relman -n "__fish_relman_using_subcommand log" -l version -d 'Only changes to this version' -r
complete -c relman -n "__fish_relman_using_subcommand log" -l limit -d 'Show at most this many changes, the newest' -r
complete -c relman -n "__fish_relman_using_subcommand log" -s C -d 'Use the release repo in this folder, or look for it from there' -r -F
complete -c relman -n "__fish_relman_using_subcommand log" -l app -d 'Use this clone of the app repo' -r -F
complete -c relman -n "__fish_relman_using_subcommand log" -l remote -d 'Use this remote instead of origin' -r
complete -c relman -n "__fish_relman_using_subcommand log" -l format -d 'Print text, or one JSON document; diff prints Markdown as well' -r -f -a "text\t'For people'
json\t'One JSON document, for scripts'
markdown\t'For the page of a forge'"
complete -c relman -n "__fish_relman_using_subcommand log" -l forge -d 'The forge that the release repo lies on, where its URL does not tell' -r
complete -c relman -n "__fish_relman_using_subcommand log" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c relman -n "__fish_relman_using_subcommand log" -l graph -d 'Draw when each version reached each environment'
complete -c relman -n "__fish_relman_using_subcommand log" -l pull-requests -d 'Ask the forge for the pull requests that neither the commits nor the records name'
complete -c relman -n "__fish_relman_using_subcommand log" -l offline -d 'Ask no remote; answer from the clones'
complete -c relman -n "__fish_relman_using_subcommand log" -s n -l dry-run -d 'Show what would be done, and do nothing'
complete -c relman -n "__fish_relman_using_subcommand log" -s y -l yes -d 'Answer yes to every question'
complete -c relman -n "__fish_relman_using_subcommand log" -l no-input -d 'Ask nothing, even on a terminal'
complete -c relman -n "__fish_relman_using_subcommand log" -s q -l quiet -d 'Say nothing but answers and errors'
complete -c relman -n "__fish_relman_using_subcommand log" -s v -l verbose -d 'Say more; twice, still more'
complete -c relman -n "__fish_relman_using_subcommand log" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c relman -n "__fish_relman_using_subcommand diff" -s C -d 'Use the release repo in this folder, or look for it from there' -r -F
complete -c relman -n "__fish_relman_using_subcommand diff" -l app -d 'Use this clone of the app repo' -r -F
complete -c relman -n "__fish_relman_using_subcommand diff" -l remote -d 'Use this remote instead of origin' -r
complete -c relman -n "__fish_relman_using_subcommand diff" -l format -d 'Print text, or one JSON document; diff prints Markdown as well' -r -f -a "text\t'For people'
json\t'One JSON document, for scripts'
markdown\t'For the page of a forge'"
complete -c relman -n "__fish_relman_using_subcommand diff" -l forge -d 'The forge that the release repo lies on, where its URL does not tell' -r
complete -c relman -n "__fish_relman_using_subcommand diff" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c relman -n "__fish_relman_using_subcommand diff" -l pipeline -d 'Show how the file that defines the pipeline differs'
complete -c relman -n "__fish_relman_using_subcommand diff" -l chart -d 'Show how the chart differs'
complete -c relman -n "__fish_relman_using_subcommand diff" -l values -d 'Show how the values files of TO differ'
complete -c relman -n "__fish_relman_using_subcommand diff" -l patch -d 'Show how everything differs: release.yml, and all files of all repositories'
complete -c relman -n "__fish_relman_using_subcommand diff" -l all -d 'List all commits'
complete -c relman -n "__fish_relman_using_subcommand diff" -l offline -d 'Ask no remote; answer from the clones'
complete -c relman -n "__fish_relman_using_subcommand diff" -s n -l dry-run -d 'Show what would be done, and do nothing'
complete -c relman -n "__fish_relman_using_subcommand diff" -s y -l yes -d 'Answer yes to every question'
complete -c relman -n "__fish_relman_using_subcommand diff" -l no-input -d 'Ask nothing, even on a terminal'
complete -c relman -n "__fish_relman_using_subcommand diff" -s q -l quiet -d 'Say nothing but answers and errors'
complete -c relman -n "__fish_relman_using_subcommand diff" -s v -l verbose -d 'Say more; twice, still more'
complete -c relman -n "__fish_relman_using_subcommand diff" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c relman -n "__fish_relman_using_subcommand trigger" -l header -d 'A header that came with the body, or a file that holds some, one a line; again for each' -r
complete -c relman -n "__fish_relman_using_subcommand trigger" -l secret-file -d 'Act only on a body that this file\'s secret has signed, or that came with the secret itself' -r -F
complete -c relman -n "__fish_relman_using_subcommand trigger" -s C -d 'Use the release repo in this folder, or look for it from there' -r -F
complete -c relman -n "__fish_relman_using_subcommand trigger" -l app -d 'Use this clone of the app repo' -r -F
complete -c relman -n "__fish_relman_using_subcommand trigger" -l remote -d 'Use this remote instead of origin' -r
complete -c relman -n "__fish_relman_using_subcommand trigger" -l format -d 'Print text, or one JSON document; diff prints Markdown as well' -r -f -a "text\t'For people'
json\t'One JSON document, for scripts'
markdown\t'For the page of a forge'"
complete -c relman -n "__fish_relman_using_subcommand trigger" -l forge -d 'The forge that the release repo lies on, where its URL does not tell' -r
complete -c relman -n "__fish_relman_using_subcommand trigger" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c relman -n "__fish_relman_using_subcommand trigger" -l explain -d 'Say what the body means, and do nothing'
complete -c relman -n "__fish_relman_using_subcommand trigger" -l offline -d 'Ask no remote; answer from the clones'
complete -c relman -n "__fish_relman_using_subcommand trigger" -s n -l dry-run -d 'Show what would be done, and do nothing'
complete -c relman -n "__fish_relman_using_subcommand trigger" -s y -l yes -d 'Answer yes to every question'
complete -c relman -n "__fish_relman_using_subcommand trigger" -l no-input -d 'Ask nothing, even on a terminal'
complete -c relman -n "__fish_relman_using_subcommand trigger" -s q -l quiet -d 'Say nothing but answers and errors'
complete -c relman -n "__fish_relman_using_subcommand trigger" -s v -l verbose -d 'Say more; twice, still more'
complete -c relman -n "__fish_relman_using_subcommand trigger" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c relman -n "__fish_relman_using_subcommand trace" -s C -d 'Use the release repo in this folder, or look for it from there' -r -F
complete -c relman -n "__fish_relman_using_subcommand trace" -l app -d 'Use this clone of the app repo' -r -F
complete -c relman -n "__fish_relman_using_subcommand trace" -l remote -d 'Use this remote instead of origin' -r
complete -c relman -n "__fish_relman_using_subcommand trace" -l format -d 'Print text, or one JSON document; diff prints Markdown as well' -r -f -a "text\t'For people'
json\t'One JSON document, for scripts'
markdown\t'For the page of a forge'"
complete -c relman -n "__fish_relman_using_subcommand trace" -l forge -d 'The forge that the release repo lies on, where its URL does not tell' -r
complete -c relman -n "__fish_relman_using_subcommand trace" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c relman -n "__fish_relman_using_subcommand trace" -l pipeline -d 'Print the definition of the pipeline exactly as it was, and nothing else'
complete -c relman -n "__fish_relman_using_subcommand trace" -l all -d 'List all components'
complete -c relman -n "__fish_relman_using_subcommand trace" -l offline -d 'Ask no remote; answer from the clones'
complete -c relman -n "__fish_relman_using_subcommand trace" -s n -l dry-run -d 'Show what would be done, and do nothing'
complete -c relman -n "__fish_relman_using_subcommand trace" -s y -l yes -d 'Answer yes to every question'
complete -c relman -n "__fish_relman_using_subcommand trace" -l no-input -d 'Ask nothing, even on a terminal'
complete -c relman -n "__fish_relman_using_subcommand trace" -s q -l quiet -d 'Say nothing but answers and errors'
complete -c relman -n "__fish_relman_using_subcommand trace" -s v -l verbose -d 'Say more; twice, still more'
complete -c relman -n "__fish_relman_using_subcommand trace" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c relman -n "__fish_relman_using_subcommand verify" -s C -d 'Use the release repo in this folder, or look for it from there' -r -F
complete -c relman -n "__fish_relman_using_subcommand verify" -l app -d 'Use this clone of the app repo' -r -F
complete -c relman -n "__fish_relman_using_subcommand verify" -l remote -d 'Use this remote instead of origin' -r
complete -c relman -n "__fish_relman_using_subcommand verify" -l format -d 'Print text, or one JSON document; diff prints Markdown as well' -r -f -a "text\t'For people'
json\t'One JSON document, for scripts'
markdown\t'For the page of a forge'"
complete -c relman -n "__fish_relman_using_subcommand verify" -l forge -d 'The forge that the release repo lies on, where its URL does not tell' -r
complete -c relman -n "__fish_relman_using_subcommand verify" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c relman -n "__fish_relman_using_subcommand verify" -l offline -d 'Ask no remote; answer from the clones'
complete -c relman -n "__fish_relman_using_subcommand verify" -s n -l dry-run -d 'Show what would be done, and do nothing'
complete -c relman -n "__fish_relman_using_subcommand verify" -s y -l yes -d 'Answer yes to every question'
complete -c relman -n "__fish_relman_using_subcommand verify" -l no-input -d 'Ask nothing, even on a terminal'
complete -c relman -n "__fish_relman_using_subcommand verify" -s q -l quiet -d 'Say nothing but answers and errors'
complete -c relman -n "__fish_relman_using_subcommand verify" -s v -l verbose -d 'Say more; twice, still more'
complete -c relman -n "__fish_relman_using_subcommand verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c relman -n "__fish_relman_using_subcommand where" -s C -d 'Use the release repo in this folder, or look for it from there' -r -F
complete -c relman -n "__fish_relman_using_subcommand where" -l app -d 'Use this clone of the app repo' -r -F
complete -c relman -n "__fish_relman_using_subcommand where" -l remote -d 'Use this remote instead of origin' -r
complete -c relman -n "__fish_relman_using_subcommand where" -l format -d 'Print text, or one JSON document; diff prints Markdown as well' -r -f -a "text\t'For people'
json\t'One JSON document, for scripts'
markdown\t'For the page of a forge'"
complete -c relman -n "__fish_relman_using_subcommand where" -l forge -d 'The forge that the release repo lies on, where its URL does not tell' -r
complete -c relman -n "__fish_relman_using_subcommand where" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c relman -n "__fish_relman_using_subcommand where" -l all -d 'List all commits'
complete -c relman -n "__fish_relman_using_subcommand where" -l offline -d 'Ask no remote; answer from the clones'
complete -c relman -n "__fish_relman_using_subcommand where" -s n -l dry-run -d 'Show what would be done, and do nothing'
complete -c relman -n "__fish_relman_using_subcommand where" -s y -l yes -d 'Answer yes to every question'
complete -c relman -n "__fish_relman_using_subcommand where" -l no-input -d 'Ask nothing, even on a terminal'
complete -c relman -n "__fish_relman_using_subcommand where" -s q -l quiet -d 'Say nothing but answers and errors'
complete -c relman -n "__fish_relman_using_subcommand where" -s v -l verbose -d 'Say more; twice, still more'
complete -c relman -n "__fish_relman_using_subcommand where" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c relman -n "__fish_relman_using_subcommand jira; and not __fish_seen_subcommand_from sync" -s C -d 'Use the release repo in this folder, or look for it from there' -r -F
complete -c relman -n "__fish_relman_using_subcommand jira; and not __fish_seen_subcommand_from sync" -l app -d 'Use this clone of the app repo' -r -F
complete -c relman -n "__fish_relman_using_subcommand jira; and not __fish_seen_subcommand_from sync" -l remote -d 'Use this remote instead of origin' -r
complete -c relman -n "__fish_relman_using_subcommand jira; and not __fish_seen_subcommand_from sync" -l format -d 'Print text, or one JSON document; diff prints Markdown as well' -r -f -a "text\t'For people'
json\t'One JSON document, for scripts'
markdown\t'For the page of a forge'"
complete -c relman -n "__fish_relman_using_subcommand jira; and not __fish_seen_subcommand_from sync" -l forge -d 'The forge that the release repo lies on, where its URL does not tell' -r
complete -c relman -n "__fish_relman_using_subcommand jira; and not __fish_seen_subcommand_from sync" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c relman -n "__fish_relman_using_subcommand jira; and not __fish_seen_subcommand_from sync" -l offline -d 'Ask no remote; answer from the clones'
complete -c relman -n "__fish_relman_using_subcommand jira; and not __fish_seen_subcommand_from sync" -s n -l dry-run -d 'Show what would be done, and do nothing'
complete -c relman -n "__fish_relman_using_subcommand jira; and not __fish_seen_subcommand_from sync" -s y -l yes -d 'Answer yes to every question'
complete -c relman -n "__fish_relman_using_subcommand jira; and not __fish_seen_subcommand_from sync" -l no-input -d 'Ask nothing, even on a terminal'
complete -c relman -n "__fish_relman_using_subcommand jira; and not __fish_seen_subcommand_from sync" -s q -l quiet -d 'Say nothing but answers and errors'
complete -c relman -n "__fish_relman_using_subcommand jira; and not __fish_seen_subcommand_from sync" -s v -l verbose -d 'Say more; twice, still more'
complete -c relman -n "__fish_relman_using_subcommand jira; and not __fish_seen_subcommand_from sync" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c relman -n "__fish_relman_using_subcommand jira; and not __fish_seen_subcommand_from sync" -f -a "sync" -d 'Tell Jira what it has missed'
complete -c relman -n "__fish_relman_using_subcommand jira; and __fish_seen_subcommand_from sync" -s C -d 'Use the release repo in this folder, or look for it from there' -r -F
complete -c relman -n "__fish_relman_using_subcommand jira; and __fish_seen_subcommand_from sync" -l app -d 'Use this clone of the app repo' -r -F
complete -c relman -n "__fish_relman_using_subcommand jira; and __fish_seen_subcommand_from sync" -l remote -d 'Use this remote instead of origin' -r
complete -c relman -n "__fish_relman_using_subcommand jira; and __fish_seen_subcommand_from sync" -l format -d 'Print text, or one JSON document; diff prints Markdown as well' -r -f -a "text\t'For people'
json\t'One JSON document, for scripts'
markdown\t'For the page of a forge'"
complete -c relman -n "__fish_relman_using_subcommand jira; and __fish_seen_subcommand_from sync" -l forge -d 'The forge that the release repo lies on, where its URL does not tell' -r
complete -c relman -n "__fish_relman_using_subcommand jira; and __fish_seen_subcommand_from sync" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c relman -n "__fish_relman_using_subcommand jira; and __fish_seen_subcommand_from sync" -l offline -d 'Ask no remote; answer from the clones'
complete -c relman -n "__fish_relman_using_subcommand jira; and __fish_seen_subcommand_from sync" -s n -l dry-run -d 'Show what would be done, and do nothing'
complete -c relman -n "__fish_relman_using_subcommand jira; and __fish_seen_subcommand_from sync" -s y -l yes -d 'Answer yes to every question'
complete -c relman -n "__fish_relman_using_subcommand jira; and __fish_seen_subcommand_from sync" -l no-input -d 'Ask nothing, even on a terminal'
complete -c relman -n "__fish_relman_using_subcommand jira; and __fish_seen_subcommand_from sync" -s q -l quiet -d 'Say nothing but answers and errors'
complete -c relman -n "__fish_relman_using_subcommand jira; and __fish_seen_subcommand_from sync" -s v -l verbose -d 'Say more; twice, still more'
complete -c relman -n "__fish_relman_using_subcommand jira; and __fish_seen_subcommand_from sync" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c relman -n "__fish_relman_using_subcommand check" -s C -d 'Use the release repo in this folder, or look for it from there' -r -F
complete -c relman -n "__fish_relman_using_subcommand check" -l app -d 'Use this clone of the app repo' -r -F
complete -c relman -n "__fish_relman_using_subcommand check" -l remote -d 'Use this remote instead of origin' -r
complete -c relman -n "__fish_relman_using_subcommand check" -l format -d 'Print text, or one JSON document; diff prints Markdown as well' -r -f -a "text\t'For people'
json\t'One JSON document, for scripts'
markdown\t'For the page of a forge'"
complete -c relman -n "__fish_relman_using_subcommand check" -l forge -d 'The forge that the release repo lies on, where its URL does not tell' -r
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
complete -c relman -n "__fish_relman_using_subcommand doctor" -s C -d 'Use the release repo in this folder, or look for it from there' -r -F
complete -c relman -n "__fish_relman_using_subcommand doctor" -l app -d 'Use this clone of the app repo' -r -F
complete -c relman -n "__fish_relman_using_subcommand doctor" -l remote -d 'Use this remote instead of origin' -r
complete -c relman -n "__fish_relman_using_subcommand doctor" -l format -d 'Print text, or one JSON document; diff prints Markdown as well' -r -f -a "text\t'For people'
json\t'One JSON document, for scripts'
markdown\t'For the page of a forge'"
complete -c relman -n "__fish_relman_using_subcommand doctor" -l forge -d 'The forge that the release repo lies on, where its URL does not tell' -r
complete -c relman -n "__fish_relman_using_subcommand doctor" -l color -d 'Use colours' -r -f -a "auto\t'On a terminal, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c relman -n "__fish_relman_using_subcommand doctor" -l offline -d 'Ask no remote; answer from the clones'
complete -c relman -n "__fish_relman_using_subcommand doctor" -s n -l dry-run -d 'Show what would be done, and do nothing'
complete -c relman -n "__fish_relman_using_subcommand doctor" -s y -l yes -d 'Answer yes to every question'
complete -c relman -n "__fish_relman_using_subcommand doctor" -l no-input -d 'Ask nothing, even on a terminal'
complete -c relman -n "__fish_relman_using_subcommand doctor" -s q -l quiet -d 'Say nothing but answers and errors'
complete -c relman -n "__fish_relman_using_subcommand doctor" -s v -l verbose -d 'Say more; twice, still more'
complete -c relman -n "__fish_relman_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c relman -n "__fish_relman_using_subcommand fetch" -s C -d 'Use the release repo in this folder, or look for it from there' -r -F
complete -c relman -n "__fish_relman_using_subcommand fetch" -l app -d 'Use this clone of the app repo' -r -F
complete -c relman -n "__fish_relman_using_subcommand fetch" -l remote -d 'Use this remote instead of origin' -r
complete -c relman -n "__fish_relman_using_subcommand fetch" -l format -d 'Print text, or one JSON document; diff prints Markdown as well' -r -f -a "text\t'For people'
json\t'One JSON document, for scripts'
markdown\t'For the page of a forge'"
complete -c relman -n "__fish_relman_using_subcommand fetch" -l forge -d 'The forge that the release repo lies on, where its URL does not tell' -r
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
complete -c relman -n "__fish_relman_using_subcommand completions" -l format -d 'Print text, or one JSON document; diff prints Markdown as well' -r -f -a "text\t'For people'
json\t'One JSON document, for scripts'
markdown\t'For the page of a forge'"
complete -c relman -n "__fish_relman_using_subcommand completions" -l forge -d 'The forge that the release repo lies on, where its URL does not tell' -r
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
complete -c relman -n "__fish_relman_using_subcommand man" -l format -d 'Print text, or one JSON document; diff prints Markdown as well' -r -f -a "text\t'For people'
json\t'One JSON document, for scripts'
markdown\t'For the page of a forge'"
complete -c relman -n "__fish_relman_using_subcommand man" -l forge -d 'The forge that the release repo lies on, where its URL does not tell' -r
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
