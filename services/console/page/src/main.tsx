/** The page: its frame, and the view that the address names. */

import { render } from 'preact';
import { useEffect } from 'preact/hooks';
import { isLive } from './api/live.ts';
import { lazy } from './lazy.tsx';
import { Notices } from './parts/notices.tsx';
import { Player } from './parts/player.tsx';
import { SignIn } from './parts/sign-in.tsx';
import { onLink, path } from './router.ts';
import { watchSets } from './state/sets.ts';
import { SetView } from './views/set-view.tsx';
import { SetsView } from './views/sets-view.tsx';
import './style.css';

// What only some views need comes with them: the plots.
const QuotaView = lazy(() => import('./views/quota-view.tsx').then((module) => module.QuotaView));
const MoneyView = lazy(() => import('./views/money-view.tsx').then((module) => module.MoneyView));

const LINKS = [
  ['/', 'Sets'],
  ['/quota', 'Quota'],
  ['/money', 'Money'],
] as const;

function Page() {
  useEffect(watchSets, []);
  return (
    <>
      <a class="skip" href="#main">
        Skip to content
      </a>
      <header>
        <nav aria-label="Views">
          {LINKS.map(([to, name]) => (
            <a key={to} href={to} onClick={onLink} aria-current={path.value === to ? 'page' : undefined}>
              {name}
            </a>
          ))}
        </nav>
        <span class={`live ${isLive.value ? 'live-on' : ''}`}>{isLive.value ? 'live' : 'not connected'}</span>
      </header>
      <main id="main" tabIndex={-1}>
        <SignIn />
        <View />
      </main>
      <Player />
      <Notices />
    </>
  );
}

function View() {
  const [, setId] = /^\/sets\/([A-Za-z0-9-]+)$/.exec(path.value) ?? [];
  if (setId) return <SetView key={setId} setId={setId} />;
  switch (path.value) {
    case '/quota':
      return <QuotaView />;
    case '/money':
      return <MoneyView />;
    default:
      return <SetsView />;
  }
}

const app = document.getElementById('app');
if (app) render(<Page />, app);
