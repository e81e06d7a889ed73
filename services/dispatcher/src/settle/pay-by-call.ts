/** Pays for a sound with one synchronous call: it is claimed first, called for once, kept, and only then used. */
import { CUT_OFF } from '@setlist/sounds';
import { CallFailed } from '../adapters/failures.ts';
import { rpcOf } from '../adapters/measured-call.ts';
import type { SpeechProvider } from '../adapters/polly-speech.ts';
import { afterError } from './after-failure.ts';
import { throwIfChanged } from './check-lexicons.ts';
import { claimed, claimLeaseOf } from './claim.ts';
import type { SettleDeps } from './deps.ts';
import { beginTry } from './item.ts';
import { type Got, keep, keepLeftBehind } from './keep.ts';
import { mayCall, notCalled } from './may-call.ts';
import { OUTRUN, type Paid, type Turn } from './turn.ts';

/** Takes one turn: claims the sound and gets it with one synchronous call. */
export async function payByCall(deps: SettleDeps, turn: Turn): Promise<Paid> {
  const { item } = turn;
  const provider = deps.providerOf(item.request.sound.provider);
  const claim = await claimed(deps, turn, { operation: 'synthesize' });
  if (!claim) return OUTRUN;
  beginTry(item);
  const lease = claimLeaseOf(deps, claim);
  try {
    const left = await keepLeftBehind(deps, { turn, lease });
    if (left) return left;
    if (item.isTooLong) {
      // A call is all that is left, and would be cut off; another dispatcher may have had a task meanwhile.
      if (!(await lease.holds(0, true))) return await notCalled(deps, lease);
      throw new CallFailed({ from: 'audio', ...CUT_OFF, retryable: false, billed: false });
    }
    throwIfChanged(item);
    if (!(await mayCall(deps, turn, lease))) return await notCalled(deps, lease);
    return await keep(deps, { turn, lease, ...(await callOnce(turn, provider)) });
  } catch (error) {
    return await afterError(deps, turn, { lease, error });
  } finally {
    await lease.end();
  }
}

async function callOnce({ item }: Turn, provider: SpeechProvider): Promise<Got> {
  const { step, request } = item;
  const { sound, billedCharacters: expected } = request;
  const speech = await step.run('call provider', () => provider.synthesize(sound), rpcOf('SynthesizeSpeech'));
  const { audio, billedCharacters = expected, requestId } = speech;
  return { audio, billedCharacters, how: 'synthesized', ...(requestId === undefined ? {} : { requestId }) };
}
