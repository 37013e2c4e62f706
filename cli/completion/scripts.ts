/**
 * The completion scripts. Each runs `berth __complete -- WORDS`, where the last word is incomplete. The output has one
 * candidate per line, with its description after a tab; `:files` requests the shell's own file completion.
 */
const bash = `_berth() {
  local value description word
  local -a words=()
  # The index of the last word: bash 3.2, which macOS has, does not support negative indexes.
  local last=-1
  COMPREPLY=()
  # Bash splits name=value at the equals sign.
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD}"; do
    if [[ $last -ge 0 && ( $word == = || \${words[last]} == *= ) ]]; then
      words[last]+=$word
    else
      words+=("$word")
      last=$((last + 1))
    fi
  done
  while IFS=$'\\t' read -r value description; do
    if [ "$value" = :files ]; then
      compopt -o default 2>/dev/null
    else
      [[ $value == *= ]] && compopt -o nospace 2>/dev/null
      [[ \${words[last]} == *=* && $COMP_WORDBREAKS == *=* ]] && value=\${value#*=}
      COMPREPLY+=("$value")
    fi
  done < <("\${COMP_WORDS[0]}" __complete -- "\${words[@]}" 2>/dev/null)
}
complete -F _berth berth
`;

const zsh = `#compdef berth
_berth() {
  local line files=0
  local -a candidates suffix
  while IFS= read -r line; do
    if [[ $line == :files ]]; then
      files=1
    else
      [[ \${line%%$'\\t'*} == *= ]] && suffix=(-S '')
      candidates+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${\${line#*$'\\t'}:#$line}")
    fi
  done < <("\${words[1]}" __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  (( \${#candidates} )) && _describe -V berth candidates "\${(@)suffix}"
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
