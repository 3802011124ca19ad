import { declareCheck } from './check.js';

export const firewallBackends = declareCheck({
  code: 'firewall-backends',
  severity: 'warning',
  title: 'Two backends of iptables have rules',
  why: 'A packet passes both, and each program shows the rules of one alone: what one lets through the other may drop, and plugins find only the rules of theirs again.',
  fix: undefined,
  follows: [],
  look: ({ rules }) => {
    const count = (backend: string) => rules.filter((rule) => rule.backend === backend).length;
    const [nft, legacy] = [count('nft'), count('legacy')];
    if (nft === 0 || legacy === 0) return [];
    return [
      {
        seen: `iptables-nft has ${nft} rules, and iptables-legacy has ${legacy}`,
        remedy:
          'choose one with "update-alternatives --config iptables", carry the rules of the other over ("iptables-legacy-save | iptables-nft-restore"), and restart',
        about: [],
      },
    ];
  },
});
