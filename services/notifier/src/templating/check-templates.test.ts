import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Faults } from '@setlist/runtime';
import { type TemporaryFolder, temporaryFolder } from '@setlist/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { completed } from '../../test/set-events.ts';
import type { TemplateFault } from './check-templates.ts';
import { openWording } from './templates.ts';

let folder: TemporaryFolder;

beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

async function write(name: string, source: string): Promise<void> {
  const path = join(folder.path, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, source);
}

function faults(): string[] {
  try {
    openWording({ overrides: folder.path });
    return [];
  } catch (error) {
    if (!(error instanceof Faults)) throw error;
    return (error.faults as TemplateFault[]).map(
      ({ path, line, problem }) => `${path.slice(folder.path.length + 1)}:${line}: ${problem}`,
    );
  }
}

const WHOLE =
  '[subject] {{name}} is there\n[title] {{name}}\n[status good] Fertig\n[lead] {{name}} ist da.\n';

const NONE_EMPTY = 'none of its variables is empty';

describe('templates of an operator', () => {
  test('replace those of the same name, and can add partials', async () => {
    await write('completed.mustache', `${WHOLE}{{> own}}\n`);
    await write('partials/own.mustache', '[fact Ort] {{location}}\n');
    const wording = openWording({ overrides: folder.path });
    const { subject, text } = wording.mailOf(wording.letterAbout(completed()));
    expect(subject).toBe('moby-dick is there');
    expect(text).toContain('moby-dick ist da.\n\nOrt: /srv/setlist/outbox/moby-dick\n');
  });

  test('can indent their lines without losing any', async () => {
    await write(
      'completed.mustache',
      WHOLE.replace(/^/gm, '  ').concat('{{#name}}\n\t[fact Ort] {{location}}\n  {{/name}}\n'),
    );
    const wording = openWording({ overrides: folder.path });
    const { subject, lead, facts } = wording.letterAbout(completed());
    expect({ subject, lead, facts }).toEqual({
      subject: 'moby-dick is there',
      lead: 'moby-dick ist da.',
      facts: [{ label: 'Ort', value: '/srv/setlist/outbox/moby-dick' }],
    });
  });

  test('can replace the mail’s layouts', async () => {
    await write('mail.html.mustache', '<p>{{lead}}</p>');
    const wording = openWording({ overrides: folder.path });
    const letter = wording.letterAbout(completed({ set: { name: '<b>', location: '/out', notify: [] } }));
    expect(wording.mailOf(letter).html).toContain('batch set &lt;b&gt; completed');
  });
});

describe('a template is refused at the start, with file and line,', () => {
  test.each([
    [
      'an unknown variable',
      `${WHOLE}[fact Cost] {{prize}}`,
      'completed.mustache:5: there is no variable prize here',
    ],
    [
      'a variable of another template',
      `${WHOLE}[fact Why] {{why}}`,
      'completed.mustache:5: there is no variable why here',
    ],
    [
      'an unclosed section',
      `${WHOLE}{{#round}}\n[fact Round] {{round}}`,
      'is not a template: unclosed section "round"',
    ],
    [
      'an unclosed tag',
      `${WHOLE}[fact Cost] {{cost`,
      'completed.mustache:5: is not a template: unclosed tag',
    ],
    [
      'a partial that is not there',
      `${WHOLE}\n{{> nowhere}}`,
      'completed.mustache:6: there is no partial nowhere',
    ],
    ['a line without a mark', `${WHOLE}{{name}}`, 'completed.mustache:5: does not begin with a mark'],
    ['an unknown mark', `${WHOLE}[fakt Cost] 1`, 'completed.mustache:5: does not begin with a mark'],
    ['a fact without a label', `${WHOLE}[fact] 1`, 'completed.mustache:5: [fact] needs a label'],
    [
      'a label from a variable',
      `${WHOLE}[fact {{name}}] 1`,
      'completed.mustache:5: does not begin with a mark',
    ],
    ['an unknown tone', WHOLE.replace('good', 'great'), 'completed.mustache:3: there is no tone great'],
    [
      'a lead that may be left out',
      WHOLE.replace('[lead]', '{{#round}}\n[lead]').concat('{{/round}}'),
      'completed.mustache:1: has no line [lead] outside of every section',
    ],
  ])('for %s', async (_, source, fault) => {
    await write('completed.mustache', source);
    expect(faults()).toEqual([expect.stringContaining(fault)]);
  });

  test.each([
    ['a title of something that some sets lack', '[title] {{description}}', 2, 'description is empty'],
    ['a subject of a section', '[subject] {{#round}}{{round}}{{/round}}', 1, 'round is empty'],
    ['a subject of a section, inverted', '[subject] {{^round}}{{name}}{{/round}}', 1, NONE_EMPTY],
    ['a lead of two of them', '[lead] {{description}}{{saved}}', 4, 'description and saved are empty'],
    ['a status that says nothing', '[status good]', 3, NONE_EMPTY],
  ])('for %s', async (_, line, at, where) => {
    const [mark = ''] = /^\[\w+/.exec(line) ?? [];
    const lines = WHOLE.split('\n').map((own) => (own.startsWith(mark) ? line : own));
    await write('completed.mustache', lines.join('\n'));
    expect(faults()).toEqual([`completed.mustache:${at}: ${mark}] has no words if ${where}`]);
  });

  test('for a part without words only if no other line of its mark has any', async () => {
    await write('completed.mustache', `[title] {{description}}\n${WHOLE}`);
    expect(faults()).toEqual([]);
  });

  test('for a layout of mails that is empty, or may leave the lead out', async () => {
    await write('mail.txt.mustache', '');
    await write('mail.html.mustache', '{{#description}}<p>{{lead}}</p>{{/description}}');
    const fault = 'leaves {{lead}} out of some mails: one could come without a word';
    expect(faults()).toEqual([`mail.txt.mustache:1: ${fault}`, `mail.html.mustache:1: ${fault}`]);
    await write('mail.txt.mustache', '{{#progress}}{{lead}}{{/progress}}{{^progress}}{{lead}}{{/progress}}');
    await write('mail.html.mustache', '{{#lead}}<p>{{lead}}</p>{{/lead}}');
    expect(faults()).toEqual([]);
  });

  test('for a lead in a partial that can be omitted, but not in one that is always there', async () => {
    const lead = '[lead] {{name}} ist da.\n';
    const rest = WHOLE.replace(lead, '');
    await write('partials/own.mustache', lead);
    await write('completed.mustache', `${rest}{{#round}}\n{{> own}}\n{{/round}}\n`);
    expect(faults()).toEqual([
      expect.stringContaining('completed.mustache:1: has no line [lead] outside of every section'),
    ]);
    await write('completed.mustache', `${rest}  {{> own}}\n{{#round}}\n{{> own}}\n{{/round}}\n`);
    expect(faults()).toEqual([]);
  });

  test('for partials that include themselves, even indirectly', async () => {
    await write('completed.mustache', `${WHOLE}{{> one}}\n{{> self}}\n`);
    await write('partials/one.mustache', '{{> other}}\n');
    await write('partials/other.mustache', '{{#round}}\n{{> one}}\n{{/round}}\n');
    await write('partials/self.mustache', '[fact Ort] {{location}}\n{{> self}}\n');
    const leadsBack = (name: string) =>
      `the partial ${name} includes this file again, so no message would end`;
    expect(faults().sort()).toEqual([
      `partials/one.mustache:1: ${leadsBack('other')}`,
      `partials/other.mustache:2: ${leadsBack('one')}`,
      `partials/self.mustache:2: ${leadsBack('self')}`,
    ]);
  });

  test('for every fault at once, those of partials with their own file', async () => {
    await write('stalled.mustache', '[lead] {{sins}}');
    await write('partials/seal.mustache', '\n[fact Seal] {{zeal}}\n');
    await write('finished.mustache', WHOLE);
    await write('mail.html.mustache', '<p>{{{lead}}}</p>');
    expect(faults()).toEqual([
      expect.stringMatching(/^finished\.mustache:1: replaces no template; those are rejected, /),
      expect.stringMatching(/^partials\/seal\.mustache:2: there is no variable zeal here/),
      expect.stringMatching(/^stalled\.mustache:1: there is no variable sins here/),
      expect.stringMatching(/^mail\.html\.mustache:1: would put lead into the page as markup/),
    ]);
  });
});

test('a missing folder of templates is an error, not an empty folder', () => {
  expect(() => openWording({ overrides: join(folder.path, 'nowhere') })).toThrow(/ENOENT/);
});
