// Reads topics with kafkajs, which shares no code with the producer.
import { Kafka, logLevel } from 'kafkajs';
import { randomUUID } from 'node:crypto';

export const topics = ['career.progress.events.v1', 'career.framework.events.v1', 'career.evidence.events.v1'];

/** What is so now, instead of what happened. */
export const stateTopics = ['career.progress.state.v1', 'career.subject.erasures.v1'];

/**
 * Every event of the service's tenant, per topic in the order of its partitions, until `enough` says so, and then for
 * `longer` ms, in which what should not come has time to come.
 */
export async function read(service, enough, { most = 90_000, longer = 0, of = topics } = {}) {
  const kafka = new Kafka({ clientId: 'journey', brokers: [service.brokers], logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: `journey-${randomUUID()}`, maxWaitTimeInMs: 50 });
  const events = [];
  let done;
  const finished = new Promise((resolve) => (done = resolve));
  const timer = setTimeout(() => done(), most);
  await consumer.connect();
  await consumer.subscribe({ topics: of, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ topic, partition, message }) => {
      const headers = Object.fromEntries(Object.entries(message.headers).map(([name, value]) => [name, `${value}`]));
      if (headers.ce_source !== `/waymark/${service.tenant}`) return;
      const value = message.value === null ? null : JSON.parse(message.value.toString());
      events.push({ topic, partition, key: message.key.toString(), headers, value });
      if (enough(events)) setTimeout(done, longer);
    },
  });
  await finished;
  clearTimeout(timer);
  await consumer.disconnect();
  return events;
}

/** Types of the events, sorted. */
export const types = (events) => events.map((event) => event.headers.ce_type).sort();
