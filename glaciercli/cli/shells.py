"""The shells' side of completion: scripts, and words in the form that each shell takes.

Click's own scripts lose names that hold blanks, quotes or colons, and end a step such as
``photos/`` with a blank.  These build on Click's protocol: the script calls the program with
``_GLACIERCLI_COMPLETE`` set, and the program prints what the word may become.
"""

import os
import re
import shlex

import click
from click import shell_completion
from click.shell_completion import CompletionItem

from glaciercli.cli.framework import COMPLETION_VARIABLE
from glaciercli.config.environment import process_environment

# bash splits words at colons and equals signs too, and replaces only what comes after the last:
# COMP_WORDS is the line up to the cursor, COMP_CWORD the text that is going to be replaced.
_BASH = """\
%(complete_func)s() {
    local type value
    COMPREPLY=()
    while IFS=, read -r type value; do
        case $type in
            plain) COMPREPLY+=("$value") ;;
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
        esac
    done < <(COMP_WORDS="${COMP_LINE:0:COMP_POINT}" COMP_CWORD="$2" \\
        %(complete_var)s=bash_complete "$1" 2>/dev/null)
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == */ ]]; then
        compopt -o nospace
    fi
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""

_ZSH = """\
#compdef %(prog_name)s

%(complete_func)s() {
    local -a plain steps described response
    local type key descr
    (( ! $+commands[%(prog_name)s] )) && return 1

    response=("${(@f)$(COMP_WORDS="${(j: :)words[1,CURRENT]}" COMP_CWORD=$((CURRENT-1)) \\
        %(complete_var)s=zsh_complete %(prog_name)s 2>/dev/null)}")

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
    %(complete_func)s "$@"
else
    compdef %(complete_func)s %(prog_name)s
fi
"""

_FISH = """\
function %(complete_func)s
    set -l line (commandline -cp | string collect)
    set -l word (commandline -ct | string collect)
    set -l response (env COMP_WORDS="$line" COMP_CWORD="$word" \\
        %(complete_var)s=fish_complete %(prog_name)s 2>/dev/null)

    for completion in $response
        set -l parts (string split -m 1 "," -- $completion)
        switch $parts[1]
            case dir
                __fish_complete_directories $parts[2]
            case file
                __fish_complete_path $parts[2]
            case plain
                printf '%%s\\n' $parts[2]
        end
    end
end

complete --no-files --command %(prog_name)s --arguments "(%(complete_func)s)"
"""

#: Stands for the cursor, so that the last word of a line is there although it is empty.
_CURSOR = "\N{OBJECT REPLACEMENT CHARACTER}"

_SPECIAL = {
    "": re.compile(r"([^\w@%+,./:=\-])"),
    '"': re.compile(r'([\\"$`])'),
}


class Bash(shell_completion.ShellComplete):
    """Completion for bash 4.4 and later."""

    name = "bash"
    source_template = _BASH
    _head = ""
    _quote = ""

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the cursor, and the one it is in."""
        environment = process_environment()
        line = environment.get("COMP_WORDS") or self.prog_name
        replaced = environment.get("COMP_CWORD") or ""
        words = shell_completion.split_arg_string(line + _CURSOR)
        incomplete = words.pop().replace(_CURSOR, "")
        self._quote = _open_quote(line)
        self._head = incomplete.removesuffix(_unquoted(replaced, self._quote))
        return words[1:], incomplete

    def format_completion(self, item: CompletionItem[str]) -> str:
        """Return the part of a word that bash puts in, quoted as the word is."""
        if item.type != "plain":
            return f"{item.type},{item.value}"
        return f"plain,{_quoted(item.value.removeprefix(self._head), self._quote)}"


class Zsh(shell_completion.ZshComplete):
    """Completion for zsh, which quotes by itself."""

    source_template = _ZSH

    @property
    def func_name(self) -> str:
        """The name of the function, which is the file's: zsh then loads the file only once."""
        return f"_{self.prog_name}"


class Fish(shell_completion.FishComplete):
    """Completion for fish, which quotes by itself."""

    source_template = _FISH


class PowerShell(shell_completion.PowerShellComplete):
    """Completion for PowerShell."""

    def format_completion(self, item: CompletionItem[str]) -> str:
        """Return a word, quoted if PowerShell would take it for several."""
        if re.fullmatch(r"[\w./:=+\-]*", item.value):
            return super().format_completion(item)
        doubled = item.value.replace("'", "''")
        return super().format_completion(CompletionItem(f"'{doubled}'", item.type, item.help))


_SHELLS: dict[str, type[shell_completion.ShellComplete]] = {
    "bash": Bash,
    "zsh": Zsh,
    "fish": Fish,
    "powershell": PowerShell,
}


def register() -> None:
    """Put these in the place of Click's own."""
    for name, shell in _SHELLS.items():
        shell_completion.add_completion_class(shell, name)


def script(shell: str) -> str:
    """Return the completion script of a shell."""
    made = _SHELLS[shell](click.Command(None), {}, "glaciercli", COMPLETION_VARIABLE)
    return made.source().rstrip("\n")


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


def _open_quote(line: str) -> str:
    """Return the quotation mark that a line leaves open, or nothing."""
    lexer = shlex.shlex(line, posix=True)
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        list(lexer)
    except ValueError:
        state = str(getattr(lexer, "state", ""))
        return state if state in {"'", '"'} else ""
    return ""


def _unquoted(text: str, quote: str) -> str:
    """Return a part of a word as the program will see it."""
    if quote and not text.startswith(quote):
        text = quote + text
    words = shell_completion.split_arg_string(text + _CURSOR)
    return words[-1].replace(_CURSOR, "") if words else ""


def _quoted(text: str, quote: str) -> str:
    if quote == "'":
        return text.replace("'", r"'\''")
    return _SPECIAL[quote].sub(r"\\\1", text)
