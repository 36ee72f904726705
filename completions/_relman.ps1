# Completes relman in PowerShell. The program tells what may follow, so this stays the same when it changes.

Register-ArgumentCompleter -Native -CommandName relman -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $words = @(
        foreach ($element in $commandAst.CommandElements) {
            if ($element.Extent.EndOffset -ge $cursorPosition) { break }
            # A text without its quotes; nothing on the line is evaluated.
            if ($element -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $element.Value }
            else { $element.Extent.Text }
        }
    )

    $before = $env:RELMAN_COMPLETE
    $env:RELMAN_COMPLETE = 'powershell'
    try { $answer = @(& relman -- @words "=$wordToComplete" 2>$null) }
    catch { $answer = @() }
    finally { $env:RELMAN_COMPLETE = $before }

    foreach ($line in $answer) {
        if ($line -in ':files', ':folders') {
            # PowerShell knows how to quote them.
            [System.Management.Automation.CompletionCompleters]::CompleteFilename($wordToComplete)
        } else {
            $value, $help = $line -split "`t", 2
            if (-not $help) { $help = $value }
            [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $help)
        }
    }
}
