/** Downloads of a set: its audio as a zip, which the browser writes to disk as it arrives, and its manifest. */
import { useEffect, useRef } from 'preact/hooks';
import { download, token } from '../api/client.ts';
import type { SetSummary } from '../api/types.ts';
import { Icon } from '../parts/icon.tsx';
import { say, trying } from '../parts/notices.tsx';
import { hasManifest } from '../state/set-state.ts';

export function Files({ summary }: { summary: SetSummary }) {
  const { setId, set } = summary;
  const menu = useRef<HTMLDetailsElement>(null);
  useEffect(() => closeFromOutside(menu), []);
  return (
    <details class="menu" ref={menu}>
      <summary class="button">
        <Icon name="download" />
        Download
      </summary>
      <div class="menu-list">
        <FileLink path={`/sets/${setId}/audio.zip`} name={`${set.name}.zip`} says="All audio (zip)" />
        {hasManifest(summary) && (
          <>
            <FileLink
              path={`/sets/${setId}/manifest.csv`}
              name={`${set.name}-manifest.csv`}
              says="Manifest (CSV)"
              mayBeMissing
            />
            <FileLink
              path={`/sets/${setId}/manifest.json`}
              name={`${set.name}-manifest.json`}
              says="Manifest (JSON)"
              mayBeMissing
            />
          </>
        )}
      </div>
    </details>
  );
}

/** Lets Escape and clicks elsewhere close the menu, until the returned function is called. */
function closeFromOutside(menu: { readonly current: HTMLDetailsElement | null }): () => void {
  const gone = new AbortController();
  const onPress = ({ target }: PointerEvent): void => {
    if (!menu.current?.contains(target as Node)) menu.current?.removeAttribute('open');
  };
  const onKey = ({ key }: KeyboardEvent): void => {
    if (key === 'Escape' && menu.current?.open) closeMenu(menu.current);
  };
  addEventListener('pointerdown', onPress, { signal: gone.signal });
  addEventListener('keydown', onKey, { signal: gone.signal });
  return () => gone.abort();
}

/** The focus, which would be lost with what the menu hides, goes to its button. */
function closeMenu(menu: HTMLDetailsElement): void {
  menu.open = false;
  menu.querySelector('summary')?.focus();
}

interface FileLinkProps {
  readonly path: string;
  readonly name: string;
  readonly says: string;
  readonly mayBeMissing?: boolean;
}

/**
 * A link can't carry a token, and the browser doesn't show why a download was refused. So with a token, or for a file
 * that can be missing, the page fetches the whole file and then has the browser save it.
 */
function FileLink({ path, name, says, mayBeMissing = false }: FileLinkProps) {
  const onClick = (event: MouseEvent): void => {
    const menu = (event.currentTarget as HTMLElement).closest('details');
    if (menu) closeMenu(menu);
    if (token.value === '' && !mayBeMissing) return;
    event.preventDefault();
    say(`Fetching ${name}…`);
    void trying(() => download(path, name));
  };
  return (
    <a class="button" href={`/api/v1${path}`} download={name} onClick={onClick}>
      {says}
    </a>
  );
}
