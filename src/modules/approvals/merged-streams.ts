/** Several streams, each newest first, read as one; where it stops it can go on, even in the middle of equal moments. */
import type { Candidate, Position, ReadStream, Stream } from './approval.repository.ts';

export interface Merged<S extends Stream> {
  /** The newest not yet taken, with the stream it is from. */
  next(): Promise<{ readonly stream: S; readonly candidate: Candidate } | undefined>;
  /** Where each stream stands, undefined once all are at their end. */
  positions(): Promise<Positions | undefined>;
}

export type Positions = Readonly<Record<string, Position>>;

interface Lane<S> {
  readonly stream: S;
  buffer: readonly Candidate[];
  position: Position | undefined;
  more: boolean;
}

const nameOf = ({ table, status }: Stream): string => `${table} ${status}`;

export function mergedStreams<S extends Stream>(
  streams: readonly S[],
  read: ReadStream,
  start: Positions,
  chunk: number,
): Merged<S> {
  const lanes: readonly Lane<S>[] = streams.map((stream) => ({
    stream,
    buffer: [],
    position: start[nameOf(stream)],
    more: true,
  }));
  const fill = async (lane: Lane<S>): Promise<void> => {
    while (lane.buffer.length === 0 && lane.more) {
      const { candidates, more } = await read(lane.stream, lane.position, chunk);
      lane.buffer = candidates;
      lane.more = more;
    }
  };
  return {
    async next() {
      await Promise.all(lanes.map(fill));
      const lane = lanes.reduce<Lane<S> | undefined>(newer, undefined);
      const candidate = lane?.buffer[0];
      if (lane === undefined || candidate === undefined) return undefined;
      lane.buffer = lane.buffer.slice(1);
      lane.position = [candidate.id, candidate.created_at];
      return { stream: lane.stream, candidate };
    },
    async positions() {
      await Promise.all(lanes.map(fill));
      if (lanes.every(({ buffer }) => buffer.length === 0)) return undefined;
      return Object.fromEntries(
        lanes.flatMap(({ stream, position }) => (position === undefined ? [] : [[nameOf(stream), position]])),
      );
    },
  };
}

function newer<S>(best: Lane<S> | undefined, lane: Lane<S>): Lane<S> | undefined {
  const [first, other] = [best?.buffer[0], lane.buffer[0]];
  if (other === undefined) return best;
  if (first === undefined) return lane;
  return other.created_at > first.created_at ? lane : best;
}
