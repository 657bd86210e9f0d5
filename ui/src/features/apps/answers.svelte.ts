import type { YnhPanel, YnhQuestion, YnhSetting, YnhWrong } from '$generated/api';
import { i18n } from '$i18n';
import { rpc, secretInput } from '$ipc';

/** A text of a package or a host, in the language of the window, else in English, else as it is. */
export function said(texts: Readonly<Record<string, string>>): string {
  return texts[i18n.language] ?? texts['en'] ?? Object.values(texts)[0] ?? '';
}

const shownOnly = new Set(['display_text', 'markdown', 'alert', 'button']);
/** Whether a field is only read or pressed. */
export const isShownOnly = (field: YnhQuestion): boolean => shownOnly.has(field.kind);

const truths = new Set(['1', 'yes', 'y', 'true', 't', 'on']);
const means = (field: YnhQuestion, word: string): boolean => truths.has(word.toLowerCase()) || (field.yes !== null && field.yes.toLowerCase() === word.toLowerCase());

/** The fields of panels, each with the condition of its section in its own. */
export function fieldsOf(panels: readonly YnhPanel[]): YnhQuestion[] {
  return panels.flatMap((panel) => panel.sections.flatMap((section) => section.fields.map((field) => {
    const both = section.visible === null ? field.visible : field.visible === null ? section.visible : `(${section.visible}) && (${field.visible})`;
    return { ...field, visible: both };
  })));
}

/** What somebody answers to questions, held against the rules of YunoHost by the core. */
export class Answers {
  readonly fields: readonly YnhQuestion[];
  readonly #panel: boolean;
  texts = $state<Record<string, string>>({});
  secrets = $state<Record<string, string>>({});
  hidden = $state.raw<readonly string[]>([]);
  /** What is wrong, by field. */
  wrong = $state.raw<Readonly<Record<string, string>>>({});
  /** Fields that were touched: what is missing is not said before somebody was there. */
  touched = $state<Record<string, boolean>>({});
  #checking = 0;

  constructor(fields: readonly YnhQuestion[], panel: boolean) {
    this.fields = fields;
    this.#panel = panel;
    for (const field of fields) {
      if (field.secret || isShownOnly(field)) continue;
      this.texts[field.id] = this.#initial(field);
    }
    void this.check();
  }

  /** What stands there before anything is written: a yes or no by `1` and `0`. */
  #initial(field: YnhQuestion): string {
    const known = (this.#panel ? field.value : null) ?? field.default ?? '';
    return field.kind === 'boolean' ? (means(field, known) ? '1' : '0') : known;
  }

  set(field: YnhQuestion, value: string): void {
    this.touched[field.id] = true;
    if (field.secret) this.secrets[field.id] = value;
    else this.texts[field.id] = value;
    void this.check();
  }

  isChanged(field: YnhQuestion): boolean {
    return field.secret ? (this.secrets[field.id] ?? '') !== '' : !isShownOnly(field) && this.texts[field.id] !== this.#initial(field);
  }

  /** What is wrong with an answer, once somebody was there. */
  fault(field: YnhQuestion): string | undefined {
    const why = this.touched[field.id] ? this.wrong[field.id] : undefined;
    if (why === undefined) return undefined;
    return (why === 'form' && said(field.pattern_error)) || (i18n.t.apps.wrong[why] ?? why);
  }

  get ready(): boolean {
    return Object.keys(this.wrong).length === 0;
  }

  async check(): Promise<void> {
    const checking = ++this.#checking;
    const given = this.fields.filter((field) => !field.readonly && !isShownOnly(field));
    const answers = Object.fromEntries(given.filter((field) => !field.secret && (!this.#panel || this.isChanged(field))).map((field) => [field.id, this.texts[field.id] ?? '']));
    // What is hidden is not said, so it is never wrong; which it is depends on what is said.
    const ask = async (left: readonly string[]) => rpc('ynh_form_check', { fields: [...this.fields], answers: without(answers, left), secrets: given.filter((field) => field.secret && (this.secrets[field.id] ?? '') !== '' && !left.includes(field.id)).map((field) => field.id), panel: this.#panel });
    try {
      const first = await ask([]);
      const second = first.hidden.length > 0 ? await ask(first.hidden) : first;
      if (checking !== this.#checking) return;
      this.hidden = second.hidden;
      this.wrong = Object.fromEntries(second.wrong.map((wrong: YnhWrong) => [wrong.field, wrong.why]));
    } catch {
      // The guard of the plan checks the same again, and says it.
    }
  }

  /** What is said of these fields: all of a manifest's, only what changed of a panel's. */
  settings(fields: readonly YnhQuestion[] = this.fields): Record<string, YnhSetting> {
    const said: Record<string, YnhSetting> = {};
    for (const field of fields) {
      if (field.readonly || isShownOnly(field) || this.hidden.includes(field.id)) continue;
      if (this.#panel && !this.isChanged(field)) continue;
      if (field.secret) {
        const secret = this.secrets[field.id] ?? '';
        if (secret !== '') said[field.id] = { secret: secretInput(secret) };
      } else {
        const text = this.texts[field.id] ?? '';
        if (text !== '' || this.#panel) said[field.id] = { text };
      }
    }
    return said;
  }

  /** Forgets what is secret. */
  forget(): void {
    this.secrets = {};
  }
}

function without(answers: Readonly<Record<string, string>>, left: readonly string[]): Record<string, string> {
  return Object.fromEntries(Object.entries(answers).filter(([name]) => !left.includes(name)));
}
