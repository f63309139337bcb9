// A message of Kafka as an event: CloudEvents 1.0 in binary mode.
import type { KafkaMessage } from 'kafkajs';
import type { Values } from './generated/values.js';

/** What every event has, whatever its type. */
interface Envelope {
  /** The same on every redelivery. */
  id: string;
  /** `/waymark/<tenant>` */
  source: string;
  topic: string;
  /** Id of the person, team or framework. */
  key: string;
  /** 1, 2, 3, ... without gaps for each key of a topic. */
  sequence: number;
  time: Date;
}

/** An event of a known type; `type` says which value it has. */
export type Event = { [Type in keyof Values]: Envelope & { type: Type; data: Values[Type] } }[keyof Values];

/** An event as it was read: its type may be of no interest, or newer than this program. */
export type Read = Event | (Envelope & { type: 'unknown'; data: unknown });

/** The types that this consumer does something about; add yours. */
const known: ReadonlySet<string> = new Set<keyof Values>(['career.gap-closed.v1', 'career.person-erased.v1']);

/** Reads the headers and the value of a message. */
export function decode(topic: string, message: Pick<KafkaMessage, 'headers' | 'value'>): Read {
  const text = (name: string) => {
    const value = message.headers?.[name];
    if (value === undefined) throw new Error(`${topic}: a message without ${name}`);
    return value.toString();
  };
  const type = text('ce_type');
  return {
    id: text('ce_id'),
    source: text('ce_source'),
    topic,
    key: text('ce_partitionkey'),
    sequence: Number(text('ce_sequence')),
    time: new Date(text('ce_time')),
    // What is of no interest here still counts: the sequence of its key goes on.
    type: known.has(type) ? type : 'unknown',
    data: JSON.parse(message.value?.toString() ?? 'null'),
  } as Read;
}
