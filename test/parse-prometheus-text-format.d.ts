declare module 'parse-prometheus-text-format' {
  interface Sample {
    readonly labels?: Readonly<Record<string, string>>;
    /** Missing in a histogram. */
    readonly value?: string;
  }
  interface Family {
    readonly name: string;
    readonly type: string;
    readonly help: string;
    readonly metrics: readonly Sample[];
  }
  /** Throws if the text is not in Prometheus's format. */
  export default function parse(text: string): readonly Family[];
}
