/** Asks for a token where the console wants one. */
import { needsToken, signIn } from '../api/client.ts';

export function SignIn() {
  if (!needsToken.value) return null;
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    signIn(String(new FormData(event.currentTarget as HTMLFormElement).get('token') ?? '').trim());
    location.reload();
  };
  return (
    <form class="panel" onSubmit={submit}>
      <h2>Sign in</h2>
      <p>
        This console wants to know who you are. Paste a token that your organisation gave you; it is kept for
        this tab only.
      </p>
      <div class="tools">
        <label>
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
