/** What the collector says has changed, as counters that pages depend on. What a reader looks at is asked for again at
 * most once a second, devices less often: a busy network changes some of them all the time. */
export const live = $state({ device: 0, finding: 0, sensor: 0, connected: false, at: Date.now() })

type Kind = 'device' | 'finding' | 'sensor'
const PAUSE: Record<Kind, number> = { device: 4000, finding: 1000, sensor: 1000 }

export function listen(): () => void {
  const source = new EventSource('/api/v1/stream')
  const timers: Partial<Record<Kind, ReturnType<typeof setTimeout>>> = {}
  const tell = (kind: Kind) => () => {
    timers[kind] ??= setTimeout(() => {
      live[kind] += 1
      delete timers[kind]
    }, PAUSE[kind])
  }
  source.onopen = () => (live.connected = true)
  source.onerror = () => (live.connected = false)
  for (const kind of ['device', 'finding', 'sensor'] as const) source.addEventListener(kind, tell(kind))
  const clock = setInterval(() => (live.at = Date.now()), 10_000)
  return () => {
    source.close()
    clearInterval(clock)
    for (const timer of Object.values(timers)) clearTimeout(timer)
  }
}
