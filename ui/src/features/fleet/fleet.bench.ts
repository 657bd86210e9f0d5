import { bench, describe } from 'vitest';
import { inventHosts } from '$platform/fake/invention';
import { FleetIndex, groupRows } from './fleet-index';
import { wordsOf } from './rows';
import { parseSelector } from './selector';

/** Run by `npx vitest bench --run`: a key press in the search field and a click on a heading, over 10,000 hosts. */
const now = 1_000_000_000;
const hosts = inventHosts(10_000, now);
const collator = new Intl.Collator('fr-FR', { numeric: true });
const compare = (left: string, right: string): number => collator.compare(left, right);
const index = new FleetIndex(hosts, compare, now);
const parsed = parseSelector('tag:morel and not stage:prod or role:linux');
const order = { column: 'host', descending: false } as const;
const texts = ['', 'm', 'morel', 'tag:orvain 12.1', 'nothing has this'];
let at = 0;

describe('10,000 hosts', () => {
  bench('a key press: words', () => { index.query({ kind: 'words', words: wordsOf(texts[at++ % texts.length] ?? '') }, 'all', order); });
  bench('a key press: a selector', () => { if ('selector' in parsed) index.query({ kind: 'selector', selector: parsed.selector, vault: 'cabinet' }, 'all', order); });
  bench('a click on a heading: every order made anew', () => { new FleetIndex(hosts, compare, now, index).query({ kind: 'words', words: [] }, 'all', { column: (['disk', 'version', 'facts', 'address'] as const)[at++ % 4] ?? 'disk', descending: at % 2 === 0 }); });
  bench('groups by tag', () => { groupRows(hosts, 'tag', (key) => key, compare, new Set()); });
  bench('hosts read anew, with new facts', () => { new FleetIndex(hosts, compare, now, index); });
  bench('the first reading, in the order of the language', () => { new FleetIndex(hosts, compare, now); });
});
