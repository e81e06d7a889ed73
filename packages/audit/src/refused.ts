/** A backup or an export that can't be done: why, and what to do about it. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly code: 'backup-refused' | 'export-failed';
  readonly remedy: string;

  constructor(code: Refused['code'], message: string, remedy: string) {
    super(message);
    this.code = code;
    this.remedy = remedy;
  }
}
