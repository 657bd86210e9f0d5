import { visibleText } from '$design/hostile';
import type { ApiError, WireMessage } from '$generated/api';
import { coreSentence, hasCoreSentence, inWindow } from './core';
import { en, type Messages } from './en';
import { fr } from './fr';
import { isLanguage, type Language } from './language';

const catalogs: Record<Language, Messages> = { en, fr };
const locales: Record<Language, string> = { en: 'en-GB', fr: 'fr-FR' };
const stored = 'beffroi.language';

function preferred(): Language {
  const kept = localStorage.getItem(stored);
  if (isLanguage(kept)) return kept;
  return navigator.language.startsWith('fr') ? 'fr' : 'en';
}

class I18n {
  language = $state<Language>(preferred());
  readonly t = $derived(catalogs[this.language]);
  readonly #locale = $derived(locales[this.language]);
  readonly #numbers = $derived(new Intl.NumberFormat(this.#locale, { maximumFractionDigits: 1 }));
  readonly #loads = $derived(new Intl.NumberFormat(this.#locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 }));
  readonly #fullDays = $derived(new Intl.DateTimeFormat(this.#locale, { dateStyle: 'medium' }));
  readonly #dates = $derived(new Intl.DateTimeFormat(this.#locale, { dateStyle: 'medium', timeStyle: 'medium' }));
  readonly #days = $derived(new Intl.DateTimeFormat(this.#locale, { day: 'numeric', month: 'short' }));
  readonly #times = $derived(new Intl.DateTimeFormat(this.#locale, { hour: '2-digit', minute: '2-digit' }));
  readonly #seconds = $derived(new Intl.DateTimeFormat(this.#locale, { hour: '2-digit', minute: '2-digit', second: '2-digit' }));
  readonly #names = $derived(new Intl.Collator(this.#locale, { numeric: true }));

  choose(language: Language): void {
    this.language = language;
    localStorage.setItem(stored, language);
  }

  number(value: number): string {
    return this.#numbers.format(value);
  }

  load(value: number): string {
    return this.#loads.format(value);
  }

  dateTime(at: number): string {
    return this.#dates.format(at);
  }

  clockTime(at: number): string {
    return this.#seconds.format(at);
  }

  /** The hour today, the day otherwise. */
  shortTime(at: number, now: number): string {
    return new Date(at).toDateString() === new Date(now).toDateString() ? this.#times.format(at) : this.#days.format(at);
  }

  /** A day of any year. */
  day(at: number): string {
    return this.#fullDays.format(at);
  }

  /** A round length of time in its largest unit: `15 min`, `8 h`. */
  span(seconds: number): string {
    const { units } = this.t;
    if (seconds < 60) return units.seconds(this.number(seconds));
    if (seconds < 3600 || seconds % 3600 !== 0) return units.minutes(this.number(Math.round(seconds / 60)));
    return units.hours(this.number(seconds / 3600));
  }

  compare(left: string, right: string): number {
    return this.#names.compare(left, right);
  }

  /** An age in its largest unit: `2 min`, `3 d`. */
  age(milliseconds: number): string {
    const seconds = Math.max(0, milliseconds / 1000);
    const { units } = this.t;
    if (seconds < 60) return units.now;
    if (seconds < 3600) return units.minutes(this.number(Math.floor(seconds / 60)));
    if (seconds < 86_400) return units.hours(this.number(Math.floor(seconds / 3600)));
    return units.days(this.number(Math.floor(seconds / 86_400)));
  }

  /** How long something took, precise enough to compare: `240 ms`, `3.2 s`, `4 min 06`. */
  duration(milliseconds: number): string {
    const { units } = this.t;
    if (milliseconds < 1000) return units.milliseconds(this.number(Math.round(milliseconds)));
    const seconds = milliseconds / 1000;
    if (seconds < 60) return units.seconds(this.number(Math.round(seconds * 10) / 10));
    if (seconds < 3600) return `${units.minutes(this.number(Math.floor(seconds / 60)))} ${String(Math.floor(seconds % 60)).padStart(2, '0')}`;
    return `${units.hours(this.number(Math.floor(seconds / 3600)))} ${String(Math.floor((seconds % 3600) / 60)).padStart(2, '0')}`;
  }

  bytes(value: number): string {
    const { bytes } = this.t.units;
    let amount = value;
    let unit = 0;
    while (amount >= 1000 && unit < bytes.length - 1) {
      amount /= 1000;
      unit += 1;
    }
    return `${this.number(amount >= 100 ? Math.round(amount) : amount)}\u00a0${bytes[unit] ?? ''}`;
  }

  /** The word for a stage; one's own keeps its name. */
  stage(name: string, length: 'word' | 'brief' | 'long' = 'word'): string {
    const words: Record<string, string> = { word: this.t.stages, brief: this.t.stagesBrief, long: this.t.stagesLong }[length];
    return Object.hasOwn(words, name) ? (words[name] ?? name) : name;
  }

  /** A core sentence as one string, for titles and names of elements. */
  core(message: WireMessage): string {
    return coreSentence(this.language, message.key, message.values).map((part) => (part.kind === 'value' ? visibleText(part.text) : part.text)).join('');
  }

  /** What a field is called in which two versions differ: `user`, `field:PIN`, `file:key.pem`. Those that people named have that name. */
  field(field: string): string {
    const own = /^(field|file)[: ](.*)$/su.exec(field);
    if (own) return this.core({ key: own[1] === 'file' ? 'field-file' : 'field-own', values: { name: own[2] ?? '' } });
    const key = `field.${field}`;
    return hasCoreSentence(this.language, key) ? this.core({ key, values: {} }) : field;
  }

  /** A remedy as it is put in the window. */
  remedy(message: WireMessage): WireMessage {
    return { ...message, key: inWindow(this.language, message.key) };
  }

  /** The cause of an error in one sentence. */
  cause(error: ApiError): string {
    return this.core({ key: `error.${error.code}`, values: this.reasons(error) });
  }

  /** The values of an error's sentences, its reason in this language. */
  reasons(error: ApiError): Record<string, string> {
    return error.why ? { ...error.values, why: this.core(error.why) } : error.values;
  }
}

export const i18n = new I18n();
