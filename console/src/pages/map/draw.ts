import cytoscape, { type Core, type ElementDefinition, type NodeSingular, type StylesheetJson } from 'cytoscape'
import type { MapAnswer } from '../../lib/api'
import { width } from './width'

export type Inks = Record<'ink' | 'dim' | 'surface' | 'line' | 'accent' | 'clear' | 'encrypted' | 'unknown' | 'node', string>

/** Each kind of visibility has a line of its own, so that colour never stands alone. */
function style(inks: Inks): StylesheetJson {
  const font = { color: inks.ink, 'font-size': 12, 'text-wrap': 'ellipsis' as const, 'text-max-width': '180px' }
  return [
    {
      selector: 'node',
      style: {
        ...font, label: 'data(label)', width: 'data(size)', height: 'data(size)', 'background-color': inks.node,
        'border-width': 1.5, 'border-color': inks.dim, 'text-valign': 'bottom', 'text-margin-y': 4,
        'text-background-color': inks.surface, 'text-background-opacity': 0.85, 'text-background-padding': '2px', 'min-zoomed-font-size': 9,
      },
    },
    // The hubs of a large picture can be read from afar; the others when one comes nearer.
    { selector: 'node.hub', style: { 'font-size': 30, 'text-max-width': '500px', 'font-weight': 'bold', 'z-index': 9 } },
    {
      selector: 'edge',
      style: {
        width: 'data(width)', 'line-color': inks.unknown, 'line-style': 'dotted', 'curve-style': 'bezier', opacity: 0.75,
        'target-arrow-shape': 'triangle', 'target-arrow-color': inks.unknown, 'arrow-scale': 0.8,
      },
    },
    { selector: 'edge[seen = "clear"]', style: { 'line-style': 'solid', 'line-color': inks.clear, 'target-arrow-color': inks.clear } },
    { selector: 'edge[seen = "encrypted"]', style: { 'line-style': 'dashed', 'line-color': inks.encrypted, 'target-arrow-color': inks.encrypted } },
    { selector: 'edge.many', style: { opacity: 0.45 } },
    { selector: '.aside', style: { opacity: 0.15 } },
    { selector: 'node.chosen', style: { 'border-width': 3, 'border-color': inks.accent, 'font-weight': 'bold' } },
  ]
}

function elements(map: MapAnswer, name: (id: string) => string): ElementDefinition[] {
  const nodes = map.nodes.map((node) => ({
    data: { id: `n:${node.id}`, label: node.findings_open > 0 ? `${name(node.id)} (${node.findings_open} open)` : name(node.id), size: 14 + 10 * Math.log10(node.devices + 1) },
  }))
  const edges = map.edges
    .filter((edge) => edge.from !== edge.to)
    .map((edge, n) => ({ data: { id: `e:${n}`, source: `n:${edge.from}`, target: `n:${edge.to}`, width: width(edge.bytes), seen: edge.visibility } }))
  return [...nodes, ...edges]
}

export type Picture = { show: (map: MapAnswer, name: (id: string) => string) => void; ink: (inks: Inks) => void; choose: (id: string | undefined) => void; fit: () => void; zoom: (by: number) => void; end: () => void }

export function picture(container: HTMLElement, inks: Inks, chosen: (id: string | undefined) => void): Picture {
  const cy: Core = cytoscape({ container, style: style(inks), minZoom: 0.1, maxZoom: 4, boxSelectionEnabled: false })
  // The wheel is the page's, unless it is meant for the picture.
  const mine = (event: WheelEvent) => void cy.userZoomingEnabled(event.ctrlKey || event.metaKey)
  container.addEventListener('wheel', mine, { capture: true, passive: true })
  container.addEventListener('touchstart', () => cy.userZoomingEnabled(true), { capture: true, passive: true })
  cy.on('tap', 'node', (event) => chosen(String(event.target.id()).slice(2)))
  cy.on('tap', (event) => {
    if (event.target === cy) chosen(undefined)
  })
  // A small picture is not blown up.
  const fit = () => {
    cy.fit(undefined, 24)
    if (cy.zoom() > 1.1) cy.zoom(1.1).center()
  }
  const choose = (id: string | undefined) => {
    cy.batch(() => {
      cy.elements().removeClass('aside chosen')
      const node = id === undefined ? undefined : cy.getElementById(`n:${id}`)
      if (!node || node.empty()) return
      cy.elements().difference(node.closedNeighborhood()).addClass('aside')
      node.addClass('chosen')
    })
  }
  return {
    choose,
    show(map, name) {
      cy.batch(() => {
        cy.elements().remove()
        cy.add(elements(map, name))
      })
      // Nodes without a line stand beside the others; a layout by forces would push them out of sight.
      const alone = cy.nodes().filter((node) => node.isNode() && node.degree(false) === 0)
      const tied = cy.elements().difference(alone)
      const many = map.nodes.length > 60
      // From a circle in the order of their names, so that the same network gives the same picture.
      if (tied.nonempty()) {
        tied.layout({ name: 'circle', fit: false, radius: 40 * Math.sqrt(tied.nodes().length) }).run()
        tied.layout({ name: 'cose', animate: false, randomize: false, fit: false, padding: 30, nodeRepulsion: () => (many ? 1_500_000 : 400_000), idealEdgeLength: () => (many ? 160 : 110), nodeOverlap: 20, gravity: many ? 0.4 : 1, numIter: many ? 500 : 1000, componentSpacing: 80 }).run()
      }
      const box = tied.nonempty() ? tied.boundingBox() : { x1: 0, y1: 0, x2: 800, y2: 0, w: 800 }
      if (alone.nonempty()) alone.layout({ name: 'grid', fit: false, avoidOverlap: true, boundingBox: { x1: box.x1, y1: box.y2 + 60, w: Math.max(box.w, 600), h: 40 + 46 * Math.ceil(alone.length / 12) }, cols: 12 }).run()
      if (many) {
        const least = Math.max(4, cy.nodes().maxDegree(false) / 8)
        const hubs = (cy.nodes().toArray() as NodeSingular[]).filter((node) => node.degree(false) >= least)
        for (const hub of hubs.sort((a, b) => b.degree(false) - a.degree(false)).slice(0, 8)) hub.addClass('hub')
        cy.edges().addClass('many')
      }
      fit()
    },
    ink: (next) => cy.style(style(next)),
    fit,
    zoom: (by) => cy.zoom({ level: cy.zoom() * by, renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } }),
    end: () => cy.destroy(),
  }
}
