/** Asks for a token if the console requires one. */
import { signIn, signInFor, token } from '../api/client.ts';
import { sentenceOf } from './notices.tsx';

export function SignIn() {
  const refusal = signInFor.value;
  if (!refusal) return null;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    signIn(String(new FormData(event.currentTarget as HTMLFormElement).get('token') ?? ''));
  };
  return (
    <form class="panel sign-in" onSubmit={submit}>
      <h2>Sign in</h2>
      <p>
        Sign in to use this console. Paste a token that your organisation gave you; it is kept for this tab
        only.
      </p>
      {token.value !== '' && (
        <p class="row-why" role="alert">
          {sentenceOf(refusal)}
        </p>
      )}
      <div class="tools">
        <label class="tools">
          <span class="label">Token</span>
          <input name="token" type="password" autocomplete="off" required />
        </label>
        <button type="submit" class="main">
          Sign in
        </button>
      </div>
    </form>
  );
}
