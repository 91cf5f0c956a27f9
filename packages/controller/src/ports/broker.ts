// The MQTT broker, as far as the controller needs one.

import type { PortError } from '../errors.ts';

export interface Broker {
  /** What people are told to connect boards to. */
  readonly url: string;
  /** Connects, and connects again whenever the connection is lost, until `close`. */
  open(handlers: BrokerHandlers): void;
  /**
   * Publishes at QoS 1. Resolves when the broker has taken the message over; rejects with PortError `broker-unreachable`
   * when the connection is lost first.
   */
  publish(topic: string, payload: Uint8Array, options: { readonly retain: boolean }): Promise<void>;
  /** Takes every message of a topic filter. Retained messages follow at once. */
  subscribe(filter: string): Promise<void>;
  unsubscribe(filter: string): Promise<void>;
  close(): Promise<void>;
}

export interface BrokerHandlers {
  /** Called for every message. The broker is told that it arrived only when `taken` is called. */
  readonly onMessage: (message: BrokerMessage, taken: () => void) => void;
  /** After every connection, the first one too. */
  readonly onConnected: () => void;
  /** After every connection that was lost or did not come about: `broker-unreachable` or `broker-refused`. */
  readonly onDisconnected: (reason: PortError) => void;
}

export interface BrokerMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly retained: boolean;
}
