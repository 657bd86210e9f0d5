export const themes = ['system', 'light', 'dark', 'hc'] as const;
export type Theme = (typeof themes)[number];
export const densities = ['dense', 'calm'] as const;
export type Density = (typeof densities)[number];

function kept<Word extends string>(key: string, words: readonly Word[], otherwise: Word): Word {
  const word = localStorage.getItem(key);
  return words.find((known) => known === word) ?? otherwise;
}

/** How the page looks on this machine. Kept outside the vault: it says nothing about a client. */
class Appearance {
  theme = $state<Theme>(kept('beffroi.theme', themes, 'system'));
  density = $state<Density>(kept('beffroi.density', densities, 'dense'));

  chooseTheme(theme: Theme): void {
    this.theme = theme;
    localStorage.setItem('beffroi.theme', theme);
    this.apply();
  }

  nextTheme(): void {
    this.chooseTheme(themes[(themes.indexOf(this.theme) + 1) % themes.length] ?? 'system');
  }

  chooseDensity(density: Density): void {
    this.density = density;
    localStorage.setItem('beffroi.density', density);
    this.apply();
  }

  /** Applies the choice, and follows the system's while that is the choice. */
  follow(): () => void {
    const queries = [matchMedia('(prefers-contrast: more)'), matchMedia('(prefers-color-scheme: dark)')];
    const apply = (): void => { this.apply(); };
    for (const query of queries) query.addEventListener('change', apply);
    this.apply();
    return () => { for (const query of queries) query.removeEventListener('change', apply); };
  }

  apply(): void {
    const system = matchMedia('(prefers-contrast: more)').matches ? 'hc' : matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
    document.documentElement.dataset['theme'] = this.theme === 'system' ? system : this.theme;
    document.documentElement.dataset['density'] = this.density;
  }

  /** Height of a row of a table, in pixels, as the density says. */
  get rowHeight(): number {
    return this.density === 'calm' ? 32 : 26;
  }
}

export const appearance = new Appearance();
