/** Columns of the device list. `sort` is the field that the collector sorts by. */
export type Column = { name: string; title: string; sort?: string; option?: true; num?: true; narrow?: true }

export const COLUMNS: Column[] = [
  { name: 'device', title: 'Device', sort: 'name', narrow: true },
  { name: 'kind', title: 'Kind', sort: 'class', narrow: true },
  { name: 'identity', title: 'Identity', sort: 'confidence' },
  { name: 'maker', title: 'Maker, model', sort: 'maker' },
  { name: 'version', title: 'Version', sort: 'version', option: true },
  { name: 'system', title: 'System', sort: 'os', option: true },
  { name: 'address', title: 'Address', sort: 'address', narrow: true },
  { name: 'mac', title: 'Network card', sort: 'mac', option: true },
  { name: 'does', title: 'Does' },
  { name: 'owner', title: 'Owner', sort: 'owner', option: true },
  { name: 'location', title: 'Location', sort: 'location', option: true },
  { name: 'criticality', title: 'Criticality', sort: 'criticality', option: true },
  { name: 'tags', title: 'Tags', option: true },
  { name: 'site', title: 'Site', sort: 'site', option: true },
  { name: 'first', title: 'First seen', sort: 'first', option: true, num: true },
  { name: 'findings', title: 'Findings', sort: 'findings', num: true },
  { name: 'seen', title: 'Seen', sort: 'last', num: true },
]

export const OPTIONS = COLUMNS.filter((column) => column.option)
