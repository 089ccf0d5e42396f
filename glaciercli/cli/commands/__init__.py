"""One module a command, each loaded only when it is asked for.

The table keeps what ``glaciercli --help`` shows, so that showing it loads no command; a test
compares each line with the command's own.
"""

#: Command: the module that holds it, and its help in a line.
COMMANDS: dict[str, tuple[str, str]] = {
    "account": ("account", "Show and set what belongs to the whole account."),
    "completion": (
        "completion",
        "Print the completion script of a shell, or install it for this user.",
    ),
    "config": ("config", "Show the settings and where they come from, and begin a configuration."),
    "cost": ("cost", "Show what archives cost to store, retrieve and delete."),
    "delete": ("delete", "Delete archives."),
    "demo": ("demo", "Show the main job on the embedded service, with real files."),
    "doctor": ("doctor", "Look everything over, and say what to do."),
    "inventory": ("inventory", "Take in, read, give out and explain vault inventories."),
    "job": ("job", "Show what the service is preparing."),
    "keymap": ("keymap", "Care for the key map."),
    "list": ("list", "List archives from the key map."),
    "rename": ("rename", "Give an archive another name."),
    "report": ("report", "Report what a vault holds, what it costs, and the way out of it."),
    "retrieve": ("retrieve", "Bring archives back, in one repeatable line."),
    "serve": ("serve", "Run the embedded Glacier service over HTTP."),
    "sync": ("sync", "Make a vault hold what a directory holds."),
    "treehash": ("treehash", "Print the tree hash of files."),
    "upload": ("upload", "Store files, directories or standard input."),
    "upload-parts": (
        "upload_parts",
        "List and drop multipart uploads that were never finished.",
    ),
    "vault": ("vault", "Make, list, show and remove vaults, and set what belongs to them."),
    "verify": (
        "verify",
        "Prove that a directory holds what a vault holds, or that a vault can be restored.",
    ),
}

ALIASES = {"ls": "list"}
