/**
 * What a shell is given to complete by. Each asks `berth __complete -- WORDS`, the last of which is being written: a line
 * per candidate, its description behind a tab; `:files` asks for the shell's own completion of files.
 */
const bash = `_berth() {
  local value description
  COMPREPLY=()
  while IFS=$'\\t' read -r value description; do
    if [ "$value" = :files ]; then
      compopt -o default 2>/dev/null
    else
      COMPREPLY+=("$value")
    fi
  done < <("\${COMP_WORDS[0]}" __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _berth berth
`;

const zsh = `#compdef berth
_berth() {
  local line files=0
  local -a candidates
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      files=1
    else
      candidates+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${\${line#*$'\\t'}:#$line}")
    fi
  done < <("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  (( \${#candidates} )) && _describe -V berth candidates
  (( files )) && _files
}
if [[ \${funcstack[1]} == _berth ]]; then
  _berth "$@"
else
  compdef _berth berth
fi
`;

const fish = `function __berth_complete
  set -l words (commandline -opc) (commandline -ct)
  for line in ($words[1] __complete -- $words[2..-1] 2>/dev/null)
    if test "$line" = :files
      __fish_complete_path (commandline -ct)
    else
      echo $line
    end
  end
end
complete -c berth -f -a '(__berth_complete)'
`;

export const shells: Readonly<Record<string, string>> = { bash, zsh, fish };
