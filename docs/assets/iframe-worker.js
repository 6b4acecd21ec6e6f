/* Search in a site that is opened from a folder: browsers start no worker for a file:// address.
   The worker's script runs in a hidden frame instead, and says the same by messages. */
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super()
      this.waiting = []
      this.frame = document.createElement("iframe")
      this.frame.hidden = true
      document.body.appendChild(this.frame)
      const inside = this.frame.contentWindow
      inside.postMessage = (data) => setTimeout(() => {
        const event = new MessageEvent("message", { data })
        this.dispatchEvent(event)
        if (this.onmessage) this.onmessage(event)
      })
      inside.importScripts = (...names) => names.reduce(
        (before, name) => before.then(() => added(inside.document, name)),
        Promise.resolve()
      )
      added(inside.document, url).then(() => {
        this.inside = inside
        this.waiting.splice(0).forEach((data) => this.postMessage(data))
      })
    }

    postMessage(data) {
      if (!this.inside) this.waiting.push(data)
      else setTimeout(() => this.inside.dispatchEvent(new this.inside.MessageEvent("message", { data })))
    }

    terminate() {
      this.frame.remove()
    }
  }

  function added(page, url) {
    return new Promise((loaded, failed) => {
      const script = page.createElement("script")
      script.src = url
      script.onload = loaded
      script.onerror = failed
      page.body.appendChild(script)
    })
  }
}
