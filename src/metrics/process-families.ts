import type { ProcessFigures } from '../host/own-process/process-figures.js';
import type { NumberDeclaration } from './declaration.js';
import { metricDeclarations } from './declarations.js';
import type { NumberFamily } from './family.js';

/** The figures that the clients of Prometheus have of each process, by the names that dashboards know, and those of the event loop. */
export function processFamilies(figures: ProcessFigures): readonly NumberFamily[] {
  const single: readonly (readonly [NumberDeclaration, number | undefined])[] = [
    [metricDeclarations.processCpu, figures.cpuSeconds],
    [metricDeclarations.processStart, figures.startedAtSeconds],
    [metricDeclarations.processResident, figures.residentBytes],
    [metricDeclarations.processVirtual, figures.virtualBytes],
    [metricDeclarations.processOpenDescriptors, figures.openDescriptors],
    [metricDeclarations.processMaxDescriptors, figures.maxDescriptors],
    [metricDeclarations.heapUsed, figures.heapUsedBytes],
    [metricDeclarations.heapSize, figures.heapBytes],
  ];
  return [
    ...single.flatMap(([declaration, value]) =>
      value === undefined ? [] : [{ declaration, samples: [{ labels: [], value }] }],
    ),
    {
      declaration: metricDeclarations.eventLoop,
      samples: [
        { labels: ['active'], value: figures.loopActiveSeconds },
        { labels: ['idle'], value: figures.loopIdleSeconds },
      ],
    },
  ];
}
