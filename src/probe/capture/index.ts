/**
 * Capturing packets at any interface of any namespace. `capture.ts` opens rings (`capture-point.ts`) and hands their packets
 * to a sink: `file-sink.ts` writes pcapng (`pcapng/`), `line-sink.ts` prints lines (`decode/`); several places are brought into
 * the order of time (`time-order.ts`). `file-lines.ts` reads files.
 */
export { type CaptureRequest, type CaptureSummary, capture, type PacketSink } from './capture.ts'
export {
  type CapturedInterface,
  type CapturePlace,
  type CapturePoint,
  type CapturePointOptions,
  InterfaceMissingError,
} from './capture-point.ts'
export { LineDecoder } from './decode/line-decoder.ts'
export { type FileLinesOptions, printFile } from './file-lines.ts'
export { FileSink, type FileSinkOptions } from './file-sink.ts'
export { LineSink, type LineSinkOptions, type PacketDocument } from './line-sink.ts'
export {
  CaptureFileError,
  CaptureFileReader,
  type FileInterface,
  type FilePacket,
  type FileSection,
} from './pcapng/read-file.ts'
