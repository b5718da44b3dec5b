import { api, ask, Refused, type Device, type Schemas } from './api'
import { live } from './live.svelte'

/** The last decision, for as long as it can be taken back at a key. */
export const undo = $state<{ now: { said: string; device: string; decision: number } | undefined; refused: Refused | undefined }>({
  now: undefined,
  refused: undefined,
})

let timer: ReturnType<typeof setTimeout> | undefined

/** Decides something about a device; the device as it is then. */
export async function decide(id: string, body: Schemas['Decide'], said: string): Promise<Device> {
  const device = await ask(api.POST('/api/v1/devices/{id}/decisions', { params: { path: { id } }, body }))
  clearTimeout(timer)
  const newest = device.decisions.find((one) => one.can_undo)
  undo.now = body.kind === 'undo' || !newest ? undefined : { said, device: device.id, decision: newest.id }
  timer = setTimeout(() => (undo.now = undefined), 10_000)
  live.device += 1
  return device
}

export async function takeBack(): Promise<void> {
  const last = undo.now
  if (!last) return
  undo.now = undefined
  undo.refused = undefined
  try {
    await decide(last.device, { kind: 'undo', decision: last.decision }, '')
  } catch (error) {
    undo.refused = error instanceof Refused ? error : undefined
  }
}
