/** The page: its frame, and the view for the current address. */
import { render } from 'preact';
import { useEffect } from 'preact/hooks';
import { signIns } from './api/client.ts';
import { liveness } from './api/live.ts';
import { lazy } from './lazy.tsx';
import { FileDrop } from './parts/file-drop.tsx';
import { Icon } from './parts/icon.tsx';
import { keepFocus } from './parts/kept-focus.ts';
import { Notices } from './parts/notices.tsx';
import { Player } from './parts/player.tsx';
import { Shortcuts, showShortcuts } from './parts/shortcuts.tsx';
import { SignIn } from './parts/sign-in.tsx';
import { useTitle } from './parts/title.ts';
import { onLink, path } from './router.ts';
import { watchSets } from './state/sets.ts';
import { SetView } from './views/set-view.tsx';
import { SetsView } from './views/sets-view.tsx';
import './style/base.css';
import './style/frame.css';
import './style/sets.css';
import './style/items.css';
import './style/figures.css';

// Loaded on demand, since only these views need the editor or the plots.
const NewView = lazy(() => import('./views/new-view.tsx').then((module) => module.NewView));
const QuotaView = lazy(() => import('./views/quota-view.tsx').then((module) => module.QuotaView));
const MoneyView = lazy(() => import('./views/money-view.tsx').then((module) => module.MoneyView));

const LINKS = [
  ['/', 'Sets'],
  ['/new', 'New set'],
  ['/quota', 'Quota'],
  ['/money', 'Money'],
] as const;

const LIVENESS = { live: 'Live', connecting: 'Connecting…', behind: 'Waiting for the broker…' } as const;

/** The id of the set in the address, if any. */
const openedSet = (): string | undefined => /^\/sets\/([A-Za-z0-9-]+)$/.exec(path.value)?.[1];

function Page() {
  const setId = openedSet();
  // One stream per tab, since a browser opens at most six to a server. A set's own view follows that set.
  useEffect(() => (setId === undefined ? watchSets() : undefined), [setId === undefined, signIns.value]);
  useEffect(keepFocus, []);
  return (
    <>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <header class="top">
        <a class="brand" href="/" onClick={onLink} aria-label="Setlist">
          <img src="/icon.svg" alt="" />
          <span>Setlist</span>
        </a>
        <nav aria-label="Views">
          {LINKS.map(([to, name]) => (
            <a key={to} href={to} onClick={onLink} aria-current={isCurrent(to) ? 'page' : undefined}>
              {name}
            </a>
          ))}
        </nav>
        <div class="top-end">
          <span class={`live ${liveness.value === 'live' ? 'live-on' : ''}`} role="status">
            <span>{LIVENESS[liveness.value]}</span>
          </span>
          <button
            type="button"
            class="quiet icon-only"
            aria-label="Keyboard shortcuts"
            onClick={showShortcuts}
          >
            <Icon name="keyboard" />
          </button>
        </div>
      </header>
      <main id="main" tabIndex={-1}>
        <SignIn />
        <View key={signIns.value} setId={setId} />
      </main>
      <Player />
      <Notices />
      <FileDrop />
      <Shortcuts />
    </>
  );
}

const isCurrent = (to: string): boolean =>
  path.value === to || (to === '/' && path.value.startsWith('/sets/'));

function View({ setId }: { setId: string | undefined }) {
  if (setId) return <SetView key={setId} setId={setId} />;
  switch (path.value) {
    case '/new':
      return <NewView />;
    case '/quota':
      return <QuotaView />;
    case '/money':
      return <MoneyView />;
    case '/':
      return <SetsView />;
    default:
      return <NothingHere />;
  }
}

function NothingHere() {
  useTitle('Nothing here');
  return (
    <div class="empty">
      <h1>There is nothing here</h1>
      <p>No view of the console has this address.</p>
      <a class="button" href="/" onClick={onLink}>
        All sets
      </a>
    </div>
  );
}

const app = document.getElementById('app');
if (app) render(<Page />, app);
