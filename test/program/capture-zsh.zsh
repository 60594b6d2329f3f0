# Types a line and a Tab into a real zsh and writes down what its completion offers: capture-zsh.zsh SCRIPT HITS LINE
zmodload zsh/zpty zsh/zselect
zpty -b child zsh -f -i
zpty -w child 'autoload -Uz compinit; compinit -u -D; exec 9>'$2'; source '$1
# Every match goes through compadd; this one also writes it down. The widget says when there are no more to come.
zpty -w child 'compadd() { local -a m; builtin compadd -O m "$@"; (( $#m )) && print -rl -u9 -- $m; builtin compadd "$@"; }'
zpty -w child 'offer() { zle complete-word; print -u9 -- "(end)"; }; zle -N offer; bindkey "^I" offer'
zpty -w -n child "$3"$'\t'
while [[ $(<$2) != *'(end)' ]]; do zpty -r -t child && zpty -r child; zselect -t 2; done >/dev/null 2>&1
zpty -d child
