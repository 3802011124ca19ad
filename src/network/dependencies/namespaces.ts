import type { Attachment, Liveness } from '../../model/attachment.js';

/** A network namespace held open, so that what was found out about it holds until it is let go, whatever its path leads to meanwhile. */
export interface HeldNamespace {
  readonly path: string;
  readonly descriptor: number;
  /** Tells it from every other one that the path may lead to later. */
  readonly mark: string;
  close(): void;
}

/** Network namespaces of this host, where runtimes and people keep them. */
export interface ContainerNamespaces {
  /**
   * @param nameOrPath a path of a known place, or the name of a namespace there
   * @returns its path; undefined for a name that none has
   * @throws NetworkError invalid
   */
  find(nameOrPath: string): string | undefined;
  /** Whether the namespace of an attachment is there, and is the one that it was made in. @throws NetworkError storage */
  judge(attachment: Attachment): Liveness;
  /**
   * For whoever is about to be connected there.
   *
   * @returns undefined when no namespace is there
   * @throws NetworkError invalid for a namespace of the host's own, and storage
   */
  hold(netns: string): HeldNamespace | undefined;
  /** Names of the links inside. @throws NetworkError invalid */
  links(namespace: HeldNamespace): Promise<ReadonlySet<string>>;
}
