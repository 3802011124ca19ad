# Prints the candidates that zsh has for a line: zsh -f candidates.zsh FOLDER DUMP LINE, where DUMP is where zsh keeps what it found in FOLDER.
# zsh completes only in its line editor, so a second zsh does that on a terminal of its own, with a `compadd` that prints what it is given.
zmodload zsh/zpty
zpty line zsh -f -i
zpty -w line "PROMPT= RPROMPT=; fpath=(${(q)1} \$fpath); autoload -Uz compinit; compinit -u -d ${(q)2}"
zpty -w line 'bindkey "^I" complete-word'
# With -O, -A or -D, compadd fills arrays, and adds no candidate. (An interactive zsh knows no comments.)
zpty -w line 'compadd () {
  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return; fi
  local -a hits; builtin compadd -A hits "$@"; local hit
  for hit in $hits; do print -r -- "candidate:$IPREFIX$hit:"; done
  builtin compadd "$@"
}'
zpty -w line 'end-line () { print -r -- end:of:candidates }; comppostfuncs=(end-line)'
zpty -w line 'print ready:to:complete'
chunk=''
until [[ $chunk == ready:to:complete* ]]; do zpty -r line chunk || exit 1; done
zpty -n -w line "$3"$'\t'
chunk=''
until [[ $chunk == *end:of:candidates* ]]; do
  zpty -r line chunk || exit 1
  [[ $chunk == *candidate:*:* ]] && print -r -- ${${chunk##*candidate:}%:*}
done
zpty -d line
