Register-ArgumentCompleter -Native -CommandName glaciercli -ScriptBlock {
    param($word, $line, $cursor)

    $number = $line.CommandElements.Count
    if ($word) { $number -= 1 }
    $kept = $env:_GLACIERCLI_COMPLETE, $env:COMP_WORDS, $env:COMP_CWORD
    try {
        $env:_GLACIERCLI_COMPLETE = 'powershell_complete'
        $env:COMP_WORDS = $line.ToString()
        $env:COMP_CWORD = $number
        $told = @(& glaciercli 2>$null)
    } finally {
        $env:_GLACIERCLI_COMPLETE, $env:COMP_WORDS, $env:COMP_CWORD = $kept
    }

    # Three lines each: what kind it is, the word, and what is said about it.
    for ($at = 0; $at + 2 -lt $told.Count; $at += 3) {
        $kind, $value, $about = $told[$at..($at + 2)]
        if ($kind -eq 'plain') {
            if ($about -eq '_') { $about = $value }
            [System.Management.Automation.CompletionResult]::new(
                $value, $value, 'ParameterValue', $about)
            continue
        }
        foreach ($entry in Get-ChildItem -Path "$word*" -ErrorAction SilentlyContinue) {
            if ($kind -eq 'dir' -and -not $entry.PSIsContainer) { continue }
            $icon = if ($entry.PSIsContainer) { 'ProviderContainer' } else { 'ProviderItem' }
            [System.Management.Automation.CompletionResult]::new(
                $entry.FullName, $entry.Name, $icon, $entry.FullName)
        }
    }
}
