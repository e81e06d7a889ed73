/**
 * A letter as an HTML mail: tables and inline styles, since that is what mail programs agree on, nothing fetched from
 * anywhere, and colours that a dark mail program may turn by the classes in the head.
 */
import { type Html, html, NOTHING } from './html.ts';
import type { Fact, Fault, FaultList, Letter, Progress, Segment, Step, Tone } from './letter.ts';
import { number } from './wording.ts';

const FONT = "font-family:-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif";
const MONO = "font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace";
const INK = 'color:#1d2433';
const MUTED = 'color:#5d6778';
/** Long paths break anywhere rather than widen the mail. */
const BREAK = 'overflow-wrap:anywhere;word-break:break-word';

const TONES: Readonly<Record<Tone, string>> = {
  good: 'background-color:#d7f5e3;color:#0b6138',
  fair: 'background-color:#fdeec4;color:#7a4a06',
  bad: 'background-color:#fde0dd;color:#9c1f14',
  plain: 'background-color:#e6e9ef;color:#3b4556',
};

const BAR: Readonly<Record<Segment['kind'], string>> = {
  paid: '#1aa260',
  reused: '#3b82f6',
  recovered: '#8b5cf6',
  failed: '#e5484d',
  waiting: '#c3cad5',
};

const DARK = `@media (prefers-color-scheme: dark) {
  .page { background-color: #12151c !important; }
  .card { background-color: #1c212b !important; border-color: #2e3644 !important; }
  .ink { color: #edf0f5 !important; }
  .muted { color: #a3adbd !important; }
  .rule { border-color: #2e3644 !important; }
  .code { background-color: #12151c !important; color: #dfe5ee !important; }
}`;

export function letterHtml(letter: Letter): string {
  const body = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${letter.subject}</title>
<style>${{ markup: DARK }}</style>
</head>
<body class="page" style="margin:0;padding:0;background-color:#f2f4f7">
<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">${letter.lead}</div>
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" border="0" style="background-color:#f2f4f7">
<tr><td align="center" style="padding:24px 12px">
<table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:640px;background-color:#ffffff;border:1px solid #e1e5eb;border-radius:10px;${FONT}">
${heading(letter)}${letter.progress ? progressBar(letter.progress) : NOTHING}${facts(letter.facts)}${letter.faults ? faultTable(letter.faults) : NOTHING}${steps(letter.next)}
<tr><td class="muted rule" style="padding:14px 28px 18px;border-top:1px solid #e1e5eb;font-size:12px;line-height:18px;${MUTED};${BREAK}">Setlist &middot; ${letter.setId}</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
`;
  return body.markup;
}

/** Text of a user, whose direction must not leak into what stands around it. */
const theirs = (text: string): Html => html`<bdi>${text}</bdi>`;

function heading({ title, description, status, lead }: Letter): Html {
  const subtitle =
    description === undefined
      ? NOTHING
      : html`<div class="muted" style="padding-top:4px;font-size:15px;line-height:22px;${MUTED};${BREAK}">${theirs(description)}</div>`;
  return html`<tr><td style="padding:26px 28px 0">
<span style="display:inline-block;padding:3px 12px;border-radius:12px;font-size:13px;line-height:20px;font-weight:600;${TONES[status.tone]}">${status.label}</span>
<h1 class="ink" style="margin:12px 0 0;font-size:23px;line-height:30px;font-weight:650;${INK};${BREAK}">${theirs(title)}</h1>
${subtitle}
<p class="ink" style="margin:14px 0 0;font-size:15px;line-height:23px;${INK};${BREAK}">${lead}</p>
</td></tr>
`;
}

function progressBar({ summary, segments }: Progress): Html {
  const total = segments.reduce((sum, { count }) => sum + count, 0);
  const cells = segments.map(({ kind, count }) => {
    const percent = Math.max(1, Math.round((100 * count) / total));
    return html`<td width="${percent}%" height="10" bgcolor="${BAR[kind]}" style="width:${percent}%;height:10px;line-height:10px;font-size:1px;background-color:${BAR[kind]}">&nbsp;</td>`;
  });
  const legend = segments.map(
    ({ kind, label, count }) =>
      html`<span style="display:inline-block;padding-right:16px;white-space:nowrap"><span style="color:${BAR[kind]}">&#9679;</span>&nbsp;<b class="ink" style="${INK}">${number(count)}</b> ${label}</span> `,
  );
  return html`<tr><td style="padding:22px 28px 0">
<div class="ink" style="padding-bottom:8px;font-size:15px;line-height:22px;font-weight:650;${INK}">${summary}</div>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="border-radius:5px;overflow:hidden"><tr>${cells}</tr></table>
<div class="muted" style="padding-top:8px;font-size:13px;line-height:20px;${MUTED}">${legend}</div>
</td></tr>
`;
}

function facts(entries: readonly Fact[]): Html {
  const rows = entries.map(
    ({ label, value }) => html`<tr>
<td class="muted rule" valign="top" width="112" style="width:112px;padding:9px 12px 9px 0;border-top:1px solid #e9ecf1;font-size:14px;line-height:20px;${MUTED}">${label}</td>
<td class="ink rule" valign="top" style="padding:9px 0;border-top:1px solid #e9ecf1;font-size:14px;line-height:20px;${INK};${BREAK}">${theirs(value)}</td>
</tr>
`,
  );
  return html`<tr><td style="padding:20px 28px 0">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">${rows}</table>
</td></tr>
`;
}

const sectionTitle = (text: string): Html =>
  html`<h2 class="ink" style="margin:0 0 8px;font-size:15px;line-height:22px;font-weight:650;${INK}">${text}</h2>`;

const faultRow = ({ where, problem, remedy }: Fault): Html => html`<tr>
<td class="rule" style="padding:10px 0;border-top:1px solid #e9ecf1">
<div class="muted" style="font-size:12px;line-height:18px;${MONO};${MUTED};${BREAK}">${theirs(where)}</div>
<div class="ink" style="padding-top:2px;font-size:14px;line-height:20px;${INK};${BREAK}">${theirs(problem)}</div>
<div class="muted" style="padding-top:2px;font-size:14px;line-height:20px;${MUTED};${BREAK}">&rarr; ${theirs(remedy)}</div>
</td>
</tr>
`;

const faultTable = ({ heading: title, faults }: FaultList): Html => html`<tr><td style="padding:26px 28px 0">
${sectionTitle(title)}
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">${faults.map(faultRow)}</table>
</td></tr>
`;

const command = (text: string): Html =>
  html`<div class="code" style="margin-top:5px;padding:8px 12px;border-radius:6px;background-color:#f2f4f7;font-size:13px;line-height:19px;${MONO};${INK};${BREAK}">${theirs(text)}</div>`;

const stepBlock = ({ what, command: text }: Step): Html =>
  html`<div class="ink" style="padding-bottom:12px;font-size:14px;line-height:21px;${INK}">${what}${text === undefined ? NOTHING : command(text)}</div>`;

const steps = (entries: readonly Step[]): Html => html`<tr><td style="padding:26px 28px 12px">
${sectionTitle('What next')}
${entries.map(stepBlock)}
</td></tr>
`;
