export const tellings = ['off', 'plain', 'hosts'] as const;
export type Telling = (typeof tellings)[number];

const key = 'beffroi.notifications';

function kept(): Telling {
  const word = localStorage.getItem(key);
  return tellings.find((known) => known === word) ?? 'plain';
}

/**
 * How much the notifications of the system say: nothing, what happened, or also on which host. Not the host unless asked for:
 * other programs of the session and the lock screen show them. Kept outside the vault.
 */
class TellingChoice {
  how = $state<Telling>(kept());

  choose(how: Telling): void {
    this.how = how;
    localStorage.setItem(key, how);
  }
}

export const telling = new TellingChoice();
