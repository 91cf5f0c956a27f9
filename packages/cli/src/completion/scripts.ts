// The few lines of each shell that hand the words over and take the candidates back; where there are none, files are offered.

import type { Shell } from '../commands/completion.ts';

export const completionScript = (shell: Shell): string => SCRIPTS[shell];

const SCRIPTS = {
  bash: `# seatrial: completion for bash
_seatrial() {
  local words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  mapfile -t COMPREPLY < <(seatrial complete -- "\${words[@]}" 2>/dev/null)
  if [ "\${#COMPREPLY[@]}" -eq 0 ]; then mapfile -t COMPREPLY < <(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}"); fi
}
complete -o filenames -F _seatrial seatrial
`,
  zsh: `#compdef seatrial
# seatrial: completion for zsh
_seatrial() {
  local -a found
  found=("\${(@f)$(seatrial complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${found[1]}" ]]; then compadd -- "\${found[@]}"; else _files; fi
}
compdef _seatrial seatrial
`,
  fish: `# seatrial: completion for fish
function __seatrial_complete
  set -l words (commandline -opc)
  seatrial complete -- $words[2..-1] (commandline -ct) 2>/dev/null
end
complete -c seatrial -f -a '(__seatrial_complete)'
complete -c seatrial -F -n 'not __seatrial_complete | string length -q'
`,
} satisfies Record<Shell, string>;
