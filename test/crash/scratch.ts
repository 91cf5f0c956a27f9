import { openLab } from './lab.ts';
import { crashPoints, sweep } from './sweep.ts';
import { buildTracer, whyNotTraced } from './tracer.ts';
import { TRANSACTIONS } from './transaction.ts';

buildTracer();
console.log(whyNotTraced());
let t0 = Date.now();
const lab = await openLab(TRANSACTIONS[(process.argv[2] ?? 'coupled') as 'coupled'], Number(process.argv[4] ?? 3));
console.log(Date.now() - t0);
const every = Number(process.argv[3] ?? 20);
const points = crashPoints(lab).filter((_, i) => i % every === 0);
t0 = Date.now();
const { outcomes, states } = await sweep(lab, points);
for (const o of outcomes)
  if (o.broken.length || !o.wasReached)
    console.log(
      o.point.stretch,
      o.point.at,
      o.point.depth,
      o.point.call.call,
      o.point.call.path.replace(/.*\/root\//, ''),
      o.wasReached,
      o.broken,
    );
console.log(
  crashPoints(lab).length,
  points.length,
  states,
  outcomes.filter(o => o.broken.length === 0).length,
  (Date.now() - t0) / 1000,
  process.resourceUsage().userCPUTime / 1e6,
);
await lab.close();
