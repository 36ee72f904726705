
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'relman' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'relman'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'relman' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Use the release repo in this folder, or look for it from there')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Use this clone of the app repo')
            [CompletionResult]::new('--remote', '--remote', [CompletionResultType]::ParameterName, 'Use this remote instead of origin')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Print text, or one JSON document')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Ask no remote; answer from the clones')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Show what would be done, and do nothing')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and do nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask nothing, even on a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but answers and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but answers and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice, still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice, still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Make a release repo and an app repo')
            [CompletionResult]::new('demo', 'demo', [CompletionResultType]::ParameterValue, 'Make a playground: both repos, two components and their remotes')
            [CompletionResult]::new('env', 'env', [CompletionResultType]::ParameterValue, 'Add an environment, or list them')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show which version each environment branch holds')
            [CompletionResult]::new('resolve', 'resolve', [CompletionResultType]::ParameterValue, 'Show what a deployment would use, as facts for a script')
            [CompletionResult]::new('next-rc', 'next-rc', [CompletionResultType]::ParameterValue, 'Print the tag of the next candidate')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Validate files, branches and tags')
            [CompletionResult]::new('fetch', 'fetch', [CompletionResultType]::ParameterValue, 'Bring all clones up to date, side by side')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completions for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual page, or write all pages into a folder')
            break
        }
        'relman;init' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Make the repositories in this folder')
            [CompletionResult]::new('--env', '--env', [CompletionResultType]::ParameterName, 'Add an environment; again for each [default: dev:dev, qa:qa and prod:prod]')
            [CompletionResult]::new('--component', '--component', [CompletionResultType]::ParameterName, 'List a component repository in app.yml; again for each')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Begin an environment at a version that it runs already; again for each')
            [CompletionResult]::new('--use-app', '--use-app', [CompletionResultType]::ParameterName, 'Keep an app repo that exists, and list what it lacks')
            [CompletionResult]::new('--ci', '--ci', [CompletionResultType]::ParameterName, 'Write the file by which this system runs relman deploy')
            [CompletionResult]::new('--remote-base', '--remote-base', [CompletionResultType]::ParameterName, 'The URL that the repositories will lie below; becomes the remote origin of each')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Use the release repo in this folder, or look for it from there')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Use this clone of the app repo')
            [CompletionResult]::new('--remote', '--remote', [CompletionResultType]::ParameterName, 'Use this remote instead of origin')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Print text, or one JSON document')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--push', '--push', [CompletionResultType]::ParameterName, 'Push everything to the new remotes, default branches first')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Ask no remote; answer from the clones')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Show what would be done, and do nothing')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and do nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask nothing, even on a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but answers and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but answers and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice, still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice, still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'relman;demo' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Use the release repo in this folder, or look for it from there')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Use this clone of the app repo')
            [CompletionResult]::new('--remote', '--remote', [CompletionResultType]::ParameterName, 'Use this remote instead of origin')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Print text, or one JSON document')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Ask no remote; answer from the clones')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Show what would be done, and do nothing')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and do nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask nothing, even on a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but answers and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but answers and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice, still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice, still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'relman;env' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Use the release repo in this folder, or look for it from there')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Use this clone of the app repo')
            [CompletionResult]::new('--remote', '--remote', [CompletionResultType]::ParameterName, 'Use this remote instead of origin')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Print text, or one JSON document')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Ask no remote; answer from the clones')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Show what would be done, and do nothing')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and do nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask nothing, even on a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but answers and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but answers and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice, still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice, still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Add an environment: a branch, from the commit that all of them share, with its entry on it')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Show the environments and where promotions come from')
            break
        }
        'relman;env;add' {
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'The kind of environment: dev, qa, staging, prod, or one of your own with --tags')
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Take promotions from this environment; again for each')
            [CompletionResult]::new('--branch', '--branch', [CompletionResultType]::ParameterName, 'The branch of the app repo that WIP deploys')
            [CompletionResult]::new('--tags', '--tags', [CompletionResultType]::ParameterName, 'What a deployment does about tags, where it is not what the type says')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Use the release repo in this folder, or look for it from there')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Use this clone of the app repo')
            [CompletionResult]::new('--remote', '--remote', [CompletionResultType]::ParameterName, 'Use this remote instead of origin')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Print text, or one JSON document')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--push', '--push', [CompletionResultType]::ParameterName, 'Push the new branch')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Ask no remote; answer from the clones')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Show what would be done, and do nothing')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and do nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask nothing, even on a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but answers and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but answers and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice, still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice, still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'relman;env;list' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Use the release repo in this folder, or look for it from there')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Use this clone of the app repo')
            [CompletionResult]::new('--remote', '--remote', [CompletionResultType]::ParameterName, 'Use this remote instead of origin')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Print text, or one JSON document')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Ask no remote; answer from the clones')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Show what would be done, and do nothing')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and do nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask nothing, even on a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but answers and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but answers and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice, still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice, still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'relman;status' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Use the release repo in this folder, or look for it from there')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Use this clone of the app repo')
            [CompletionResult]::new('--remote', '--remote', [CompletionResultType]::ParameterName, 'Use this remote instead of origin')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Print text, or one JSON document')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--check', '--check', [CompletionResultType]::ParameterName, 'End with 10 if anything is wrong')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Ask no remote; answer from the clones')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Show what would be done, and do nothing')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and do nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask nothing, even on a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but answers and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but answers and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice, still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice, still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'relman;resolve' {
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Use this instead of what the branch holds')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Use the release repo in this folder, or look for it from there')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Use this clone of the app repo')
            [CompletionResult]::new('--remote', '--remote', [CompletionResultType]::ParameterName, 'Use this remote instead of origin')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Print text, or one JSON document')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Ask no remote; answer from the clones')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Show what would be done, and do nothing')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and do nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask nothing, even on a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but answers and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but answers and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice, still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice, still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'relman;next-rc' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Use the release repo in this folder, or look for it from there')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Use this clone of the app repo')
            [CompletionResult]::new('--remote', '--remote', [CompletionResultType]::ParameterName, 'Use this remote instead of origin')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Print text, or one JSON document')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Ask no remote; answer from the clones')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Show what would be done, and do nothing')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and do nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask nothing, even on a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but answers and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but answers and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice, still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice, still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'relman;check' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Use the release repo in this folder, or look for it from there')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Use this clone of the app repo')
            [CompletionResult]::new('--remote', '--remote', [CompletionResultType]::ParameterName, 'Use this remote instead of origin')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Print text, or one JSON document')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Treat warnings as errors')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Ask no remote; answer from the clones')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Show what would be done, and do nothing')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and do nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask nothing, even on a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but answers and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but answers and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice, still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice, still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'relman;fetch' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Use the release repo in this folder, or look for it from there')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Use this clone of the app repo')
            [CompletionResult]::new('--remote', '--remote', [CompletionResultType]::ParameterName, 'Use this remote instead of origin')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Print text, or one JSON document')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Ask no remote; answer from the clones')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Show what would be done, and do nothing')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and do nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask nothing, even on a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but answers and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but answers and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice, still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice, still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'relman;completions' {
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Use the release repo in this folder, or look for it from there')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Use this clone of the app repo')
            [CompletionResult]::new('--remote', '--remote', [CompletionResultType]::ParameterName, 'Use this remote instead of origin')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Print text, or one JSON document')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Ask no remote; answer from the clones')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Show what would be done, and do nothing')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and do nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask nothing, even on a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but answers and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but answers and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice, still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice, still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'relman;man' {
            [CompletionResult]::new('--out', '--out', [CompletionResultType]::ParameterName, 'Write one page for each command into this folder')
            [CompletionResult]::new('-C', '-C ', [CompletionResultType]::ParameterName, 'Use the release repo in this folder, or look for it from there')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Use this clone of the app repo')
            [CompletionResult]::new('--remote', '--remote', [CompletionResultType]::ParameterName, 'Use this remote instead of origin')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'Print text, or one JSON document')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Use colours')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Ask no remote; answer from the clones')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Show what would be done, and do nothing')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and do nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer yes to every question')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Ask nothing, even on a terminal')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing but answers and errors')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing but answers and errors')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Say more; twice, still more')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Say more; twice, still more')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
