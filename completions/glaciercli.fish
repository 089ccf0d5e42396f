function _glaciercli_completion
    set -l line (commandline -cp | string collect)
    set -l word (commandline -ct | string collect)
    set -l response (env COMP_WORDS="$line" COMP_CWORD="$word" \
        _GLACIERCLI_COMPLETE=fish_complete glaciercli 2>/dev/null)

    for completion in $response
        set -l parts (string split -m 1 "," -- $completion)
        switch $parts[1]
            case dir
                __fish_complete_directories $parts[2]
            case file
                __fish_complete_path $parts[2]
            case plain
                printf '%s\n' $parts[2]
        end
    end
end

complete --no-files --command glaciercli --arguments "(_glaciercli_completion)"
