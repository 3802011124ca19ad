import type { Attachment } from '../../model/attachment.js';

/** Attachments, indexed by file name, by network and by container. */
export class AttachmentTable {
  readonly #files = new Map<string, Attachment>();
  readonly #networks = new Map<string, Map<string, Attachment>>();
  readonly #containers = new Map<string, Map<string, Attachment>>();

  put(fileName: string, attachment: Attachment): void {
    this.remove(fileName);
    this.#files.set(fileName, attachment);
    insert(this.#networks, attachment.networkName, fileName, attachment);
    insert(this.#containers, attachment.containerId, fileName, attachment);
  }

  remove(fileName: string): void {
    const attachment = this.#files.get(fileName);
    if (attachment === undefined) return;
    this.#files.delete(fileName);
    withdraw(this.#networks, attachment.networkName, fileName);
    withdraw(this.#containers, attachment.containerId, fileName);
  }

  all(): readonly Attachment[] {
    return [...this.#files.values()];
  }

  ofNetwork(networkName: string): readonly Attachment[] {
    return [...(this.#networks.get(networkName)?.values() ?? [])];
  }

  ofContainer(containerId: string): readonly Attachment[] {
    return [...(this.#containers.get(containerId)?.values() ?? [])];
  }
}

function insert<T>(table: Map<string, Map<string, T>>, key: string, fileName: string, value: T): void {
  const values = table.get(key);
  if (values === undefined) table.set(key, new Map([[fileName, value]]));
  else values.set(fileName, value);
}

function withdraw<T>(table: Map<string, Map<string, T>>, key: string, fileName: string): void {
  const values = table.get(key);
  values?.delete(fileName);
  if (values?.size === 0) table.delete(key);
}
