"""The completion scripts, one for each shell.

A script calls the program with ``_GLACIERCLI_COMPLETE`` set, and the program prints what the word
at the cursor may become (see ``dialects``): names that hold blanks, quotes or colons come through
whole, and a step such as ``photos/`` gets no blank behind it.
"""

import os

# bash splits words at colons and equals signs too, and replaces only what comes after the last:
# COMP_WORDS is the line up to the cursor, COMP_CWORD the text that is going to be replaced.
_BASH = """\
_glaciercli_completion() {
    local type value
    COMPREPLY=()
    while IFS=, read -r type value; do
        case $type in
            plain) COMPREPLY+=("$value") ;;
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
        esac
    done < <(COMP_WORDS="${COMP_LINE:0:COMP_POINT}" COMP_CWORD="$2" \\
        _GLACIERCLI_COMPLETE=bash_complete "$1" 2>/dev/null)
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == */ ]]; then
        compopt -o nospace
    fi
}

complete -o nosort -F _glaciercli_completion glaciercli
"""

_ZSH = """\
#compdef glaciercli

_glaciercli() {
    local -a plain steps described response
    local type key descr
    (( ! $+commands[glaciercli] )) && return 1

    response=("${(@f)$(COMP_WORDS="${(j: :)words[1,CURRENT]}" COMP_CWORD=$((CURRENT-1)) \\
        _GLACIERCLI_COMPLETE=zsh_complete glaciercli 2>/dev/null)}")

    for type key descr in ${response}; do
        case "$type" in
            plain)
                if [[ "$descr" != "_" ]]; then
                    described+=("$key":"$descr")
                elif [[ "$key" == */ ]]; then
                    steps+=("$key")
                else
                    plain+=("$key")
                fi ;;
            dir) _path_files -/ ;;
            file) _path_files -f ;;
        esac
    done

    (( $#described )) && _describe -V unsorted described -U
    (( $#steps )) && compadd -U -S '' -V unsorted -a steps
    (( $#plain )) && compadd -U -V unsorted -a plain
    return 0
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _glaciercli "$@"
else
    compdef _glaciercli glaciercli
fi
"""

_FISH = """\
function _glaciercli_completion
    set -l line (commandline -cp | string collect)
    set -l word (commandline -ct | string collect)
    set -l response (env COMP_WORDS="$line" COMP_CWORD="$word" \\
        _GLACIERCLI_COMPLETE=fish_complete glaciercli 2>/dev/null)

    for completion in $response
        set -l parts (string split -m 1 "," -- $completion)
        switch $parts[1]
            case dir
                __fish_complete_directories $parts[2]
            case file
                __fish_complete_path $parts[2]
            case plain
                printf '%s\\n' $parts[2]
        end
    end
end

complete --no-files --command glaciercli --arguments "(_glaciercli_completion)"
"""

_POWERSHELL = """\
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
"""

_SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH, "powershell": _POWERSHELL}


def script(shell: str) -> str:
    """Return the completion script of a shell."""
    return _SCRIPTS[shell].rstrip("\n")


def install(shell: str, path: str) -> None:
    """Write the script of a shell to a file, in the place of an older one."""
    from glaciercli.keymap import files

    with files.fresh(path) as made:
        with files.file_problems(path):
            with open(made, "w", encoding="utf-8") as file:
                file.write(script(shell) + "\n")
            # Another user's shell may read it too, where the directory lets it.
            os.chmod(made, 0o644)
        files.put_in_place(made, path, overwrite=True)
