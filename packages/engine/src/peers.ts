/**
 * The connecting half of a node, and what it knows of headers: for a node of another kind, as `@chain/light`, which has
 * no chain of blocks. Its parts are those of `Node`, and change with it.
 * @module @chain/engine/peers
 */
export { acceptHeader } from "./chain/acceptHeader.ts";
export { EventHub } from "./eventHub.ts";
export { HeaderSync } from "./net/blocks/headerSync.ts";
export { ConnectionAdmission } from "./net/connecting/connectionAdmission.ts";
export { OutboundConnections } from "./net/connecting/outboundConnections.ts";
export { OutboundPlanner } from "./net/connecting/outboundPlanner.ts";
export { connectionFacts } from "./net/conversation/peerSummary.ts";
export { AddressRelay, type Gossip } from "./net/gossip/addressRelay.ts";
export { disconnect, disconnectStalling, type NetAction, sendMessage } from "./net/kit/actions.ts";
export { Alarm } from "./net/kit/alarm.ts";
export { desirableServices, isTipRecent } from "./net/kit/services.ts";
export { CpuTimeBudget } from "./net/peer/cpuTimeBudget.ts";
export { Peer } from "./net/peer/peer.ts";
export { blockPenalty } from "./net/peer/penalty.ts";
