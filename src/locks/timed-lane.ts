import type { Held, WriteLane } from './write-lane.js';

const msInSecond = 1_000;

/** A lane that reports how long each of its holders waited for it. */
export class TimedLane implements Pick<WriteLane, 'hold' | 'describeObstacle'> {
  constructor(
    private readonly lane: Pick<WriteLane, 'hold' | 'describeObstacle'>,
    /** Receives the seconds of each wait, also of one that ended without the lane. */
    private readonly onWait: (seconds: number) => void,
  ) {}

  async hold(signal: AbortSignal, use: (held: Held) => Promise<void>): Promise<boolean> {
    const begun = performance.now();
    let isOver = false;
    const end = () => {
      if (!isOver) this.onWait((performance.now() - begun) / msInSecond);
      isOver = true;
    };
    try {
      return await this.lane.hold(signal, async (held) => {
        end();
        await use(held);
      });
    } finally {
      end();
    }
  }

  describeObstacle(waitedMs: number): ReturnType<WriteLane['describeObstacle']> {
    return this.lane.describeObstacle(waitedMs);
  }
}
