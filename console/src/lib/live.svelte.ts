/** What the collector says has changed, as counters that pages depend on. The list a reader looks at is asked for
 * again at most once a second, and rows keep their places. */
export const live = $state({ device: 0, finding: 0, sensor: 0, connected: false, at: Date.now() })

type Kind = 'device' | 'finding' | 'sensor'

export function listen(): () => void {
  const source = new EventSource('/api/v1/stream')
  const waiting = new Set<Kind>()
  let timer: ReturnType<typeof setTimeout> | undefined
  const tell = (kind: Kind) => () => {
    waiting.add(kind)
    timer ??= setTimeout(() => {
      for (const one of waiting) live[one] += 1
      waiting.clear()
      timer = undefined
    }, 1000)
  }
  source.onopen = () => (live.connected = true)
  source.onerror = () => (live.connected = false)
  for (const kind of ['device', 'finding', 'sensor'] as const) source.addEventListener(kind, tell(kind))
  const clock = setInterval(() => (live.at = Date.now()), 10_000)
  return () => {
    source.close()
    clearInterval(clock)
    clearTimeout(timer)
  }
}
