import type { Component } from 'svelte'
import type { Refused, Session, Today as TodayData } from '../lib/api'
import Changes from './changes/Changes.svelte'
import Devices from './devices/Devices.svelte'
import Exposure from './Exposure.svelte'
import Findings from './Findings.svelte'
import Network from './map/Network.svelte'
import Sensors from './Sensors.svelte'
import Today from './Today.svelte'

export type PageProps = {
  id: string | null
  session: Session
  today: TodayData | undefined
  problem: Refused | undefined
}

/** Every place of the console: its address, its title, the letter after `g`, and what shows it. */
export const pages: { name: string; title: string; key: string; show: Component<PageProps> }[] = [
  { name: 'today', title: 'Today', key: 't', show: Today },
  { name: 'findings', title: 'Findings', key: 'f', show: Findings },
  { name: 'devices', title: 'Devices', key: 'd', show: Devices },
  { name: 'exposure', title: 'Exposure', key: 'x', show: Exposure },
  { name: 'changes', title: 'Changes', key: 'c', show: Changes },
  { name: 'map', title: 'Map', key: 'm', show: Network },
  { name: 'sensors', title: 'Sensors', key: 's', show: Sensors },
]
